namespace Sightline.Models.Images;

/// <summary>Reads a picture's bytes from disk; whatever goes wrong is a fault, not an exception.</summary>
public static class PictureFile
{
    /// <summary>
    /// Reads a file whole unless its first bytes show that it is no picture. False, with the fault: empty_file, unknown_format, too_large,
    /// unreadable or vanished. What has no length (a pipe, a device) is empty and is not opened.
    /// </summary>
    public static bool TryRead(string path, long maxBytes, out byte[] bytes, out ImageFault? fault)
    {
        bytes = [];
        try
        {
            var length = new FileInfo(path).Length;
            fault = length == 0 ? new ImageFault("empty_file", "The file has no bytes.")
                : length > maxBytes ? new ImageFault("too_large", $"The file has {length} bytes; at most {maxBytes} are read.")
                : null;
            if (fault is null)
            {
                (bytes, fault) = ReadPicture(path);
            }
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            fault = new ImageFault("vanished", "The file is no longer there.");
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            fault = new ImageFault("unreadable", e.Message);
        }

        return fault is null;
    }

    /// <summary>
    /// Reads a picture that is a stretch of a file, such as a member of a tar. False, with the fault: those of
    /// <see cref="TryRead(string, long, out byte[], out ImageFault?)"/>, and truncated where the file ends before the stretch does.
    /// </summary>
    /// <param name="offset">Byte of the file at which the picture begins.</param>
    /// <param name="length">Its bytes.</param>
    public static bool TryRead(string path, long offset, long length, long maxBytes, out byte[] bytes, out ImageFault? fault)
    {
        bytes = [];
        fault = length <= 0 ? new ImageFault("empty_file", "The picture has no bytes.")
            : length > maxBytes || length > Array.MaxLength
                ? new ImageFault("too_large", $"The picture has {length} bytes; at most {Math.Min(maxBytes, Array.MaxLength)} are read.")
            : null;
        try
        {
            // What has no length (a pipe, a device) is not opened; it holds no stretch either.
            if (fault is null)
            {
                (bytes, fault) = new FileInfo(path).Length == 0
                    ? ([], CutShort(0, offset, length)) : ReadStretch(path, offset, (int)length);
            }
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            fault = new ImageFault("vanished", "The file is no longer there.");
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            fault = new ImageFault("unreadable", e.Message);
        }

        return fault is null;
    }

    private static (byte[] Bytes, ImageFault? Fault) ReadStretch(string path, long offset, int length)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        if (offset < 0 || offset > stream.Length || length > stream.Length - offset)
        {
            return ([], CutShort(stream.Length, offset, length));
        }

        stream.Position = offset;
        var bytes = GC.AllocateUninitializedArray<byte>(length);
        stream.ReadExactly(bytes);
        var start = bytes.AsSpan(0, Math.Min(length, ImageSignature.Length));
        return ImageSignature.Recognise(start) is null ? ([], ImageDecoder.UnknownFormat(start)) : (bytes, null);
    }

    private static ImageFault CutShort(long end, long offset, long length) =>
        new("truncated", $"The file has {end} bytes; the picture is said to be {length} from byte {offset} on.");

    private static (byte[] Bytes, ImageFault? Fault) ReadPicture(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        var start = new byte[ImageSignature.Length];
        var read = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        if (ImageSignature.Recognise(start.AsSpan(0, read)) is null)
        {
            return ([], ImageDecoder.UnknownFormat(start.AsSpan(0, read)));
        }

        var bytes = GC.AllocateUninitializedArray<byte>((int)Math.Max(stream.Length, read));
        start.AsSpan(0, read).CopyTo(bytes);
        var total = read + stream.ReadAtLeast(bytes.AsSpan(read), bytes.Length - read, throwOnEndOfStream: false);
        return (total == bytes.Length ? bytes : bytes[..total], null);
    }
}
