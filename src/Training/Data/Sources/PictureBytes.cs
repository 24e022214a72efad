using System.Globalization;
using System.IO.Compression;
using Sightline.Curation;
using Sightline.Models.Images;

namespace Sightline.Training.Data;

/// <summary>Reads the encoded pictures of one source. Thread-safe.</summary>
internal sealed class PictureBytes : IDisposable
{
    private readonly ThreadLocal<ZipArchive>? _zips;
    private readonly Dictionary<string, string> _stamps = new(StringComparer.Ordinal);

    internal PictureBytes(SourceConfig config) =>
        _zips = config.IsZip ? new ThreadLocal<ZipArchive>(() => ZipSource.Open(config.Path!), trackAllValues: true) : null;

    public void Dispose()
    {
        foreach (var zip in _zips?.Values ?? [])
        {
            zip.Dispose();
        }

        _zips?.Dispose();
    }

    internal bool TryRead(string location, long maxBytes, out byte[] bytes, out ImageFault? fault)
    {
        if (_zips is not null)
        {
            return TryReadMember(location, maxBytes, out bytes, out fault);
        }

        ImageLocation.TryParse(System.Text.Encoding.UTF8.GetBytes(location), out var at);
        return PairImages.TryRead(at, maxBytes, out bytes, out fault);
    }

    /// <summary>Changes when the picture does: length and checksum of a zip's member, length and time of a file. For one thread.</summary>
    internal string StampOf(string location)
    {
        if (_zips is not null)
        {
            var entry = _zips.Value!.GetEntry(location)!;
            return string.Create(CultureInfo.InvariantCulture, $"{entry.Length} {entry.Crc32:x8}");
        }

        ImageLocation.TryParse(System.Text.Encoding.UTF8.GetBytes(location), out var at);
        if (!at.IsFile && _stamps.TryGetValue(at.Path, out var known))
        {
            return known;
        }

        // A file that is gone has no length; that it is gone is a fault of its picture.
        var file = new FileInfo(at.Path);
        var stamp = file.Exists
            ? string.Create(CultureInfo.InvariantCulture, $"{file.Length} {file.LastWriteTimeUtc.Ticks}") : "";
        if (!at.IsFile)
        {
            _stamps.Add(at.Path, stamp);
        }

        return stamp;
    }

    private bool TryReadMember(string name, long maxBytes, out byte[] bytes, out ImageFault? fault)
    {
        bytes = [];
        var entry = _zips!.Value!.GetEntry(name)!;
        fault = entry.Length == 0 ? new ImageFault("empty_file", "The member has no bytes.")
            : entry.Length > maxBytes ? new ImageFault("too_large", $"The member has {entry.Length} bytes; at most {maxBytes} are read.")
            : null;
        if (fault is not null)
        {
            return false;
        }

        try
        {
            using var stream = entry.Open();
            bytes = new byte[entry.Length];
            stream.ReadExactly(bytes);
            return true;
        }
        catch (InvalidDataException e)
        {
            fault = new ImageFault("corrupt", $"The member cannot be unpacked: {e.Message}");
        }
        catch (IOException e)
        {
            fault = new ImageFault("unreadable", e.Message);
        }

        return false;
    }
}
