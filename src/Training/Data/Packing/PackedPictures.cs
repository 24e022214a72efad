using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;

namespace Sightline.Training.Data;

/// <summary>What samples.bin says beside its pictures.</summary>
/// <param name="Labels">Names of the classes, by their number.</param>
internal sealed record PackedDescription(IReadOnlyList<string> Labels, string Source);

/// <summary>
/// Pictures as the packer leaves them, in a folder that can be moved to a machine without the sources: <c>pixels.bin</c> (after the
/// header, 3 planes of side x side bytes a picture) and <c>samples.bin</c> (after the header a description in JSON, the
/// <see cref="SampleRecord"/>s, and where each of them begins and the last ends, 8 bytes each).
/// </summary>
internal sealed class PackedPictures : ITrainingData
{
    internal const string PixelFile = "pixels.bin";
    internal const string SampleFile = "samples.bin";

    private readonly MappedFile _samples;
    private readonly MappedFile? _pixels;
    private readonly long _offsets;
    private readonly int _length;

    private PackedPictures(string folder)
    {
        try
        {
            _samples = new MappedFile(Path.Combine(folder, SampleFile));
            _pixels = new MappedFile(Path.Combine(folder, PixelFile));
            var samples = PackedHeader.Parse(Start(_samples), SampleMagic, Path.Combine(folder, SampleFile));
            var pixels = PackedHeader.Parse(Start(_pixels), PixelMagic, Path.Combine(folder, PixelFile));
            (Count, Side, Digest) = ((int)pixels.Count, pixels.Number, Convert.ToHexStringLower(pixels.Digest));
            _length = 3 * Side * Side;
            _offsets = _samples.Length - 8L * (Count + 1);
            Require(samples.Count == pixels.Count && samples.Digest.AsSpan().SequenceEqual(pixels.Digest), "are of different packings");
            Require(_pixels.Length == PackedHeader.Length + (long)Count * _length && OffsetOf(Count) == _offsets, "are cut short");
            var description = JsonSerializer.Deserialize<PackedDescription>(_samples[PackedHeader.Length, samples.Number]);
            Labels = description!.Labels;
        }
        catch (Exception e) when (e is InvalidDataException or JsonException or IOException)
        {
            _samples?.Dispose();
            _pixels?.Dispose();
            throw e is IOException ? e : new InvalidDataException($"{folder}: {e.Message}", e);
        }

        void Require(bool condition, string problem)
        {
            if (!condition)
            {
                throw new InvalidDataException($"{PixelFile} and {SampleFile} {problem}.");
            }
        }
    }

    internal static ReadOnlySpan<byte> PixelMagic => "SLPIXELS"u8;

    internal static ReadOnlySpan<byte> SampleMagic => "SLSAMPLE"u8;

    public int Count { get; }

    public IReadOnlyList<string> Labels { get; }

    public string Digest { get; }

    public int Side { get; }

    public TrainingSample this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
            return SampleRecord.Read(RecordOf(index), 0);
        }
    }

    /// <summary>Opens packed pictures and reads all of them once: what was damaged on its way is told now, not in the middle of a
    /// training.</summary>
    /// <exception cref="InvalidDataException">They are damaged, or of another version; says what is wrong.</exception>
    /// <exception cref="IOException">They are not there.</exception>
    internal static PackedPictures Open(string folder, CancellationToken cancellationToken)
    {
        var pictures = new PackedPictures(folder);
        try
        {
            pictures.Verify(folder, cancellationToken);
            return pictures;
        }
        catch
        {
            pictures.Dispose();
            throw;
        }
    }

    public void ReadPixels(int index, Span<byte> pixels) => PixelsOf(index).CopyTo(pixels);

    public void Dispose()
    {
        _samples.Dispose();
        _pixels!.Dispose();
    }

    /// <summary>Digest over records, which hold the hashes of their pixels, and the names of classes.</summary>
    internal static void AddLabels(IncrementalHash digest, IEnumerable<string> labels)
    {
        foreach (var label in labels)
        {
            digest.AppendData(System.Text.Encoding.UTF8.GetBytes(label + "\n"));
        }
    }

    private void Verify(string folder, CancellationToken cancellationToken)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var i = 0; i < Count; i++)
        {
            digest.AppendData(RecordOf(i));
        }

        AddLabels(digest, Labels);
        if (Convert.ToHexStringLower(digest.GetHashAndReset()) != Digest)
        {
            throw new InvalidDataException(
                $"{Path.Combine(folder, SampleFile)} is damaged: its digest is not the one it was written with.");
        }

        var damaged = int.MaxValue;
        Parallel.For(0, Count, new ParallelOptions { CancellationToken = cancellationToken }, i =>
        {
            Span<byte> hash = stackalloc byte[SampleRecord.HashLength];
            SHA256.HashData(PixelsOf(i), hash);
            if (!RecordOf(i)[^SampleRecord.HashLength..].SequenceEqual(hash))
            {
                InterlockedMin(ref damaged, i);
            }
        });
        if (damaged < Count)
        {
            throw new InvalidDataException(
                $"{Path.Combine(folder, PixelFile)} is damaged: the pixels of {this[damaged].Key} are not those it was written with.");
        }
    }

    private static void InterlockedMin(ref int least, int value)
    {
        for (var seen = Volatile.Read(ref least); value < seen;)
        {
            seen = Interlocked.CompareExchange(ref least, value, seen) is var now && now == seen ? value : now;
        }
    }

    private ReadOnlySpan<byte> PixelsOf(int index) => _pixels![PackedHeader.Length + (long)index * _length, _length];

    private ReadOnlySpan<byte> RecordOf(int index) => _samples[OffsetOf(index), checked((int)(OffsetOf(index + 1) - OffsetOf(index)))];

    private long OffsetOf(int index) => BinaryPrimitives.ReadInt64LittleEndian(_samples[_offsets + 8L * index, 8]);

    private static ReadOnlySpan<byte> Start(MappedFile file) => file[0, (int)Math.Min(file.Length, PackedHeader.Length)];
}
