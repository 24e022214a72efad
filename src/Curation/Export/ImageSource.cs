using Microsoft.Win32.SafeHandles;

namespace Sightline.Curation.Export;

/// <summary>An image's bytes where they lie: a file, or a stretch of a tar that is within it.</summary>
internal sealed class ImageSource : IDisposable
{
    private readonly SafeFileHandle _file;
    private readonly long _start;

    private ImageSource(SafeFileHandle file, long start, long length) => (_file, _start, Length) = (file, start, length);

    /// <summary>Above 0.</summary>
    internal long Length { get; }

    /// <param name="reason">A code of <see cref="ExportFaultCode"/>, and for a person the detail.</param>
    internal static ImageSource? TryOpen(ImageLocation location, out string reason, out string detail)
    {
        (reason, detail) = ("", "");
        if (UnixFile.IsSpecial(location.Path))
        {
            (reason, detail) = (ExportFaultCode.Unreadable, $"{location.Path} is no file but a pipe, a socket or a device.");
            return null;
        }

        SafeFileHandle? file = null;
        long size;
        try
        {
            file = File.OpenHandle(location.Path);
            size = RandomAccess.GetLength(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            file?.Dispose();
            reason = e is FileNotFoundException or DirectoryNotFoundException ? ExportFaultCode.Missing : ExportFaultCode.Unreadable;
            detail = e.Message;
            return null;
        }

        var length = location.IsFile ? size : location.Length;
        if (length == 0)
        {
            (reason, detail) = (ExportFaultCode.Empty, "It has no bytes.");
        }
        else if (location.Offset > size - length)
        {
            reason = ExportFaultCode.Cut;
            detail = $"{location.Path} has {size} bytes: the {length} from {location.Offset} on are not all there.";
        }
        else
        {
            return new ImageSource(file, location.Offset, length);
        }

        file.Dispose();
        return null;
    }

    /// <summary>Reads from a place of the image; less than asked for at its end alone.</summary>
    internal int Read(Span<byte> into, long from)
    {
        into = into[..(int)Math.Min(into.Length, Length - from)];
        var read = 0;
        while (read < into.Length)
        {
            var more = RandomAccess.Read(_file, into[read..], _start + from + read);
            if (more == 0)
            {
                break;
            }

            read += more;
        }

        return read;
    }

    public void Dispose() => _file.Dispose();
}
