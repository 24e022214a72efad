namespace Sightline.Curation.Parquet;

/// <summary>What stands before each page (parquet.thrift, PageHeader and the headers it holds).</summary>
internal readonly record struct PageHeader
{
    internal PageType Type { get; init; }

    /// <summary>Bytes of the page without its header, levels included.</summary>
    internal int UncompressedSize { get; init; }

    /// <summary>Bytes that follow the header.</summary>
    internal int CompressedSize { get; init; }

    /// <summary>CRC-32 of the bytes that follow the header; null where the writer left it out.</summary>
    internal uint? Crc { get; init; }

    /// <summary>Nulls included; entries of a dictionary.</summary>
    internal int Values { get; init; }

    internal PageEncoding Encoding { get; init; }

    /// <summary>Of version 1; version 2 has <see cref="PageEncoding.Rle"/> always.</summary>
    internal PageEncoding DefinitionEncoding { get; init; }

    /// <inheritdoc cref="DefinitionEncoding"/>
    internal PageEncoding RepetitionEncoding { get; init; }

    /// <summary>Bytes of the levels before the data, uncompressed; of version 2.</summary>
    internal int DefinitionLength { get; init; }

    /// <inheritdoc cref="DefinitionLength"/>
    internal int RepetitionLength { get; init; }

    /// <summary>False where a page of version 2 keeps its data as it is, whatever the codec.</summary>
    internal bool IsCompressed { get; init; }

    /// <param name="bytes">Begins with the header.</param>
    /// <param name="length">Its length.</param>
    /// <exception cref="InvalidDataException">The header is damaged.</exception>
    /// <exception cref="EndOfStreamException">The header does not end within the bytes.</exception>
    internal static PageHeader Read(ReadOnlySpan<byte> bytes, out int length)
    {
        var reader = new CompactReader(bytes);
        var (pageType, uncompressed, compressed) = (-1, -1, -1);
        uint? crc = null;
        PageHeader? data = null, dictionary = null, dataV2 = null;
        for (var id = 0; reader.NextField(ref id, out var type);)
        {
            switch (id)
            {
                case 1: pageType = reader.ReadInt32(type); break;
                case 2: uncompressed = reader.ReadInt32(type); break;
                case 3: compressed = reader.ReadInt32(type); break;
                case 4: crc = (uint)reader.ReadInt32(type); break;
                case 5 when type == CompactType.Struct: data = ReadData(ref reader); break;
                case 7 when type == CompactType.Struct: dictionary = ReadDictionary(ref reader); break;
                case 8 when type == CompactType.Struct: dataV2 = ReadDataV2(ref reader); break;
                default: reader.Skip(type); break;
            }
        }

        length = reader.Position;
        var header = (PageType)pageType switch
        {
            PageType.Data => data ?? throw Missing("data_page_header"),
            PageType.Dictionary => dictionary ?? throw Missing("dictionary_page_header"),
            PageType.DataV2 => dataV2 ?? throw Missing("data_page_header_v2"),
            _ => default,
        };
        return uncompressed >= 0 && compressed >= 0 && header.Values >= 0
            ? header with { Type = (PageType)pageType, UncompressedSize = uncompressed, CompressedSize = compressed, Crc = crc }
            : throw new InvalidDataException(
                $"a page header claims {header.Values} values in {compressed} bytes that become {uncompressed}.");
    }

    private static PageHeader ReadData(ref CompactReader reader)
    {
        var (values, encoding, definition, repetition) = (-1, -1, (int)PageEncoding.Rle, (int)PageEncoding.Rle);
        for (var id = 0; reader.NextField(ref id, out var type);)
        {
            switch (id)
            {
                case 1: values = reader.ReadInt32(type); break;
                case 2: encoding = reader.ReadInt32(type); break;
                case 3: definition = reader.ReadInt32(type); break;
                case 4: repetition = reader.ReadInt32(type); break;
                default: reader.Skip(type); break;
            }
        }

        return new PageHeader
        {
            Values = values, Encoding = (PageEncoding)encoding, DefinitionEncoding = (PageEncoding)definition,
            RepetitionEncoding = (PageEncoding)repetition, IsCompressed = true,
        };
    }

    private static PageHeader ReadDictionary(ref CompactReader reader)
    {
        var (values, encoding) = (-1, -1);
        for (var id = 0; reader.NextField(ref id, out var type);)
        {
            switch (id)
            {
                case 1: values = reader.ReadInt32(type); break;
                case 2: encoding = reader.ReadInt32(type); break;
                default: reader.Skip(type); break;
            }
        }

        return new PageHeader { Values = values, Encoding = (PageEncoding)encoding, IsCompressed = true };
    }

    private static PageHeader ReadDataV2(ref CompactReader reader)
    {
        var (values, encoding, definitionLength, repetitionLength) = (-1, -1, -1, -1);
        var isCompressed = true;
        for (var id = 0; reader.NextField(ref id, out var type);)
        {
            switch (id)
            {
                case 1: values = reader.ReadInt32(type); break;
                case 4: encoding = reader.ReadInt32(type); break;
                case 5: definitionLength = reader.ReadInt32(type); break;
                case 6: repetitionLength = reader.ReadInt32(type); break;
                case 7: isCompressed = CompactReader.ReadBoolean(type); break;
                default: reader.Skip(type); break;
            }
        }

        return definitionLength >= 0 && repetitionLength >= 0
            ? new PageHeader
            {
                Values = values, Encoding = (PageEncoding)encoding,
                DefinitionEncoding = PageEncoding.Rle, RepetitionEncoding = PageEncoding.Rle,
                DefinitionLength = definitionLength, RepetitionLength = repetitionLength, IsCompressed = isCompressed,
            }
            : throw new InvalidDataException($"a page's levels take {repetitionLength} and {definitionLength} bytes.");
    }

    private static InvalidDataException Missing(string field) => new($"a page header has no {field}.");
}
