namespace Sightline.Curation.Parquet;

/// <summary>A part of a decompressed page. Its array has <see cref="BitPacking.Slack"/> bytes more than the page.</summary>
internal readonly record struct EncodedBytes(byte[] Array, int Start, int Length)
{
    internal ReadOnlySpan<byte> Span => Array.AsSpan(Start, Length);

    internal int End => Start + Length;

    /// <exception cref="InvalidDataException">There are fewer bytes.</exception>
    internal EncodedBytes Slice(long start, long length) => start >= 0 && length >= 0 && start + length <= Length
        ? new EncodedBytes(Array, Start + (int)start, (int)length)
        : throw new InvalidDataException($"a page claims {length} bytes from byte {start} of the {Length} that it has.");

    internal EncodedBytes From(long start) => Slice(start, Length - start);
}
