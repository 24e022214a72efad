using System.Security.Cryptography;
using Sightline.Models.Images;

namespace Sightline.Curation.Export;

/// <summary>
/// A place for one image at a time: opened, and where it is small read and digested, by one thread; then taken from by another. Large
/// images are left to be streamed.
/// </summary>
internal sealed class ImageRead : IDisposable
{
    /// <summary>Bytes that are read ahead, at most.</summary>
    internal const int MostInMemory = 2 << 20;

    private const int Chunk = 1 << 16;

    private readonly byte[] _start = new byte[ImageSignature.Length];
    private readonly byte[] _digest = new byte[SHA256.HashSizeInBytes];
    private byte[] _bytes = [];
    private ImageSource? _large;
    private ImageMeasures _measures;

    /// <summary>Null: the image can be copied, as far as is known.</summary>
    internal string? Fault { get; private set; }

    internal string Detail { get; private set; } = "";

    internal long Length { get; private set; }

    /// <summary>What its format's files end with: <c>jpg</c>.</summary>
    internal string Ending { get; private set; } = "";

    /// <summary>SHA-256, once it is copied.</summary>
    internal ReadOnlySpan<byte> Digest => _digest;

    /// <summary>Null, or the image's own file.</summary>
    internal string? File { get; private set; }

    /// <summary>What files of the format end with that begin so; null for no image.</summary>
    internal static string? EndingOf(ReadOnlySpan<byte> start) => ImageSignature.Recognise(start) switch
    {
        "jpeg" => "jpg",
        "tiff" => "tif",
        var format => format,
    };

    internal void Open(in Pair pair)
    {
        Reset();
        _measures = pair.Measures;
        if (!ImageLocation.TryParse(pair.Image, out var location))
        {
            Fail(ExportFaultCode.NoImage, pair.Url.IsEmpty ? "The pair has no image." : "The image is an address that was not fetched.");
            return;
        }

        var source = ImageSource.TryOpen(location, out var reason, out var detail);
        if (source is null)
        {
            Fail(reason, detail);
            return;
        }

        Length = source.Length;
        File = location.IsFile ? location.Path : null;
        _large = source;
        try
        {
            Recognise(source);
            if (Fault is null && Length <= MostInMemory)
            {
                ReadAll(source);
            }
        }
        catch (IOException e)
        {
            Fail(ExportFaultCode.Unreadable, e.Message);
        }

        if (Fault is not null || Length <= MostInMemory)
        {
            _large.Dispose();
            _large = null;
        }
    }

    /// <summary>Copies the image, and digests it. False where it cannot be read to its end, or is not what was measured: what was written
    /// of it is to be taken back.</summary>
    internal bool TryCopyTo(Stream stream)
    {
        if (Fault is not null)
        {
            return false;
        }

        if (_large is null)
        {
            stream.Write(_bytes.AsSpan(0, (int)Length));
            return true;
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Grow(Chunk);
        for (long at = 0; at < Length;)
        {
            if (!TryRead(_large, at, out var read))
            {
                return false;
            }

            stream.Write(_bytes.AsSpan(0, read));
            hash.AppendData(_bytes.AsSpan(0, read));
            at += read;
        }

        hash.GetHashAndReset(_digest);
        return IsAsMeasured();
    }

    public void Dispose() => Reset();

    internal void Fail(string reason, string detail) => (Fault, Detail) = (reason, detail);

    private void Reset()
    {
        _large?.Dispose();
        (_large, Fault, Detail, Length, Ending, File) = (null, null, "", 0, "", null);
    }

    private void Recognise(ImageSource source)
    {
        var start = _start.AsSpan(0, source.Read(_start, 0));
        Ending = EndingOf(start) ?? "";
        if (Ending.Length == 0)
        {
            Fail(ExportFaultCode.NotAnImage, $"It begins with {Convert.ToHexString(start[..Math.Min(start.Length, 16)])}.");
        }
    }

    private void ReadAll(ImageSource source)
    {
        Grow((int)Length);
        if (source.Read(_bytes.AsSpan(0, (int)Length), 0) < Length)
        {
            Fail(ExportFaultCode.Cut, "The file became shorter while it was read.");
            return;
        }

        SHA256.HashData(_bytes.AsSpan(0, (int)Length), _digest);
        IsAsMeasured();
    }

    private bool TryRead(ImageSource source, long at, out int read)
    {
        read = 0;
        try
        {
            read = source.Read(_bytes, at);
        }
        catch (IOException e)
        {
            Fail(ExportFaultCode.Unreadable, e.Message);
            return false;
        }

        if (read == 0)
        {
            Fail(ExportFaultCode.Cut, "The file became shorter while it was read.");
        }

        return read > 0;
    }

    private bool IsAsMeasured()
    {
        if (!_measures.Has(ImageMeasured.Read))
        {
            return true;
        }

        Span<byte> measured = stackalloc byte[SHA256.HashSizeInBytes];
        ImageIdentity.CopySha256(_measures, measured);
        if (measured.SequenceEqual(_digest))
        {
            return true;
        }

        var (was, now) = (Convert.ToHexStringLower(measured), Convert.ToHexStringLower(_digest));
        Fail(ExportFaultCode.Changed, $"Its SHA-256 was {was} when it was measured and is {now}.");
        return false;
    }

    private void Grow(int length)
    {
        if (_bytes.Length < length)
        {
            _bytes = GC.AllocateUninitializedArray<byte>(Math.Min(Math.Max(length, 2 * _bytes.Length), Math.Max(length, MostInMemory)));
        }
    }
}
