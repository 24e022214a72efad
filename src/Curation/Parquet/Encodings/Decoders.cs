namespace Sightline.Curation.Parquet;

/// <summary>Chooses the decoder of a page by its encoding and the column's type.</summary>
internal static class Decoders
{
    /// <param name="dictionary">Of the chunk; null where none came before the page.</param>
    /// <param name="mostBytes">The most bytes that values may be put together to in one call.</param>
    /// <exception cref="InvalidDataException">The encoding is unknown or not for this type, or there is no dictionary.</exception>
    internal static Decoder<T> Create<T>(
        PageEncoding encoding, EncodedBytes bytes, ParquetColumn column, T[]? dictionary, ByteBuffers buffers, int mostBytes)
        where T : unmanaged
    {
        if (encoding is PageEncoding.PlainDictionary or PageEncoding.RleDictionary)
        {
            return dictionary is null
                ? throw new InvalidDataException("a page refers to a dictionary that is not there.")
                : new DictionaryDecoder<T>(bytes, dictionary);
        }

        var decoder = Create(encoding, bytes, column, buffers, mostBytes);
        return decoder as Decoder<T>
            ?? throw new InvalidDataException($"there is no encoding {encoding} for values of the type {column.Physical}.");
    }

    private static object? Create(PageEncoding encoding, EncodedBytes bytes, ParquetColumn column, ByteBuffers buffers, int mostBytes)
    {
        var isUnsigned = column.Type is ParquetType.UInt32 or ParquetType.UInt64;
        return (encoding, column.Physical) switch
        {
            (PageEncoding.Plain, PhysicalType.Boolean) => new PlainBooleanDecoder(bytes),
            (PageEncoding.Plain, PhysicalType.Int32) => isUnsigned ? new PlainDecoder<uint>(bytes) : new PlainDecoder<int>(bytes),
            (PageEncoding.Plain, PhysicalType.Int64) => isUnsigned ? new PlainDecoder<ulong>(bytes) : new PlainDecoder<long>(bytes),
            (PageEncoding.Plain, PhysicalType.Int96) => new PlainDecoder<ParquetInt96>(bytes),
            (PageEncoding.Plain, PhysicalType.Float) => new PlainDecoder<float>(bytes),
            (PageEncoding.Plain, PhysicalType.Double) => new PlainDecoder<double>(bytes),
            (PageEncoding.Plain, PhysicalType.ByteArray) => new PlainBytesDecoder(bytes, buffers),
            (PageEncoding.Plain, PhysicalType.FixedLengthByteArray) => new PlainFixedBytesDecoder(bytes, column.TypeLength, buffers),
            (PageEncoding.Rle, PhysicalType.Boolean) => new RunBooleanDecoder(bytes),
            (PageEncoding.DeltaBinaryPacked, PhysicalType.Int32) => isUnsigned ? Delta<uint>(bytes) : Delta<int>(bytes),
            (PageEncoding.DeltaBinaryPacked, PhysicalType.Int64) => isUnsigned ? Delta<ulong>(bytes) : Delta<long>(bytes),
            (PageEncoding.DeltaLengthByteArray, PhysicalType.ByteArray) => new DeltaLengthDecoder(bytes, buffers),
            (PageEncoding.DeltaByteArray, PhysicalType.ByteArray) => new DeltaBytesDecoder(bytes, 0, buffers, mostBytes),
            (PageEncoding.DeltaByteArray, PhysicalType.FixedLengthByteArray) =>
                new DeltaBytesDecoder(bytes, column.TypeLength, buffers, mostBytes),
            (PageEncoding.ByteStreamSplit, PhysicalType.Int32) => isUnsigned ? Split<uint>(bytes) : Split<int>(bytes),
            (PageEncoding.ByteStreamSplit, PhysicalType.Int64) => isUnsigned ? Split<ulong>(bytes) : Split<long>(bytes),
            (PageEncoding.ByteStreamSplit, PhysicalType.Float) => Split<float>(bytes),
            (PageEncoding.ByteStreamSplit, PhysicalType.Double) => Split<double>(bytes),
            (PageEncoding.ByteStreamSplit, PhysicalType.FixedLengthByteArray) =>
                new ByteStreamSplitBytesDecoder(bytes, column.TypeLength, buffers),
            _ => null,
        };
    }

    private static DeltaDecoder<T> Delta<T>(EncodedBytes bytes)
        where T : unmanaged => new(bytes);

    private static ByteStreamSplitDecoder<T> Split<T>(EncodedBytes bytes)
        where T : unmanaged => new(bytes);
}
