namespace Sightline.Curation.Parquet;

/// <summary>Reads the metadata at the end of a file (parquet.thrift, FileMetaData and what it holds).</summary>
internal static class FooterReader
{
    /// <exception cref="InvalidDataException">The footer is damaged; says where.</exception>
    internal static FileMetadata Read(ReadOnlySpan<byte> footer)
    {
        var reader = new CompactReader(footer);
        try
        {
            return ReadFile(ref reader);
        }
        catch (EndOfStreamException e)
        {
            throw new InvalidDataException("the footer ends in the middle of a value.", e);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"the footer is damaged at byte {reader.Position} of {footer.Length}: {e.Message}", e);
        }
    }

    private static FileMetadata ReadFile(ref CompactReader reader)
    {
        SchemaElement[]? schema = null;
        RowGroup[]? rowGroups = null;
        long? rows = null;
        var keyValues = new Dictionary<string, string>();
        string? createdBy = null;
        for (var id = 0; reader.NextField(ref id, out var type);)
        {
            switch (id)
            {
                case 2:
                    schema = new SchemaElement[reader.ReadListHeader(type, CompactType.Struct)];
                    foreach (ref var element in schema.AsSpan())
                    {
                        element = ReadSchemaElement(ref reader);
                    }

                    break;
                case 3: rows = reader.ReadInt64(type); break;
                case 4:
                    rowGroups = new RowGroup[reader.ReadListHeader(type, CompactType.Struct)];
                    foreach (ref var rowGroup in rowGroups.AsSpan())
                    {
                        rowGroup = ReadRowGroup(ref reader);
                    }

                    break;
                case 5:
                    for (var left = reader.ReadListHeader(type, CompactType.Struct); left > 0; left--)
                    {
                        ReadKeyValue(ref reader, keyValues);
                    }

                    break;
                case 6: createdBy = reader.ReadText(type); break;
                default: reader.Skip(type); break;
            }
        }

        return new FileMetadata(
            Required(schema, "schema"), Required(rows, "num_rows"), Required(rowGroups, "row_groups"), keyValues, createdBy);
    }

    private static SchemaElement ReadSchemaElement(ref CompactReader reader)
    {
        string? name = null;
        PhysicalType? physical = null;
        ConvertedType? converted = null;
        var repetition = Repetition.Required;
        LogicalType logical = default;
        var (typeLength, children, scale) = (0, 0, 0);
        for (var id = 0; reader.NextField(ref id, out var type);)
        {
            switch (id)
            {
                case 1: physical = (PhysicalType)reader.ReadInt32(type); break;
                case 2: typeLength = reader.ReadInt32(type); break;
                case 3: repetition = (Repetition)reader.ReadInt32(type); break;
                case 4: name = reader.ReadText(type); break;
                case 5: children = reader.ReadInt32(type); break;
                case 6: converted = (ConvertedType)reader.ReadInt32(type); break;
                case 7: scale = reader.ReadInt32(type); break;
                case 10: logical = ReadLogicalType(ref reader, type); break;
                default: reader.Skip(type); break;
            }
        }

        return new SchemaElement
        {
            Name = Required(name, "name"), Type = physical, TypeLength = typeLength, Repetition = repetition, Children = children,
            Converted = converted, Logical = logical, Scale = scale,
        };
    }

    private static LogicalType ReadLogicalType(ref CompactReader reader, CompactType union)
    {
        Expect(union, CompactType.Struct);
        LogicalType logical = default;
        for (var id = 0; reader.NextField(ref id, out var type);)
        {
            Expect(type, CompactType.Struct);
            logical = ReadLogicalMember(ref reader, new LogicalType((LogicalKind)id));
        }

        return logical;
    }

    private static LogicalType ReadLogicalMember(ref CompactReader reader, LogicalType logical)
    {
        for (var id = 0; reader.NextField(ref id, out var type);)
        {
            switch (logical.Kind, id)
            {
                case (LogicalKind.Decimal, 1): logical = logical with { Scale = reader.ReadInt32(type) }; break;
                case (LogicalKind.Time or LogicalKind.Timestamp, 1):
                    logical = logical with { IsUtc = CompactReader.ReadBoolean(type) };
                    break;
                case (LogicalKind.Time or LogicalKind.Timestamp, 2):
                    logical = logical with { Unit = ReadTimeUnit(ref reader, type) };
                    break;
                case (LogicalKind.Integer, 1): logical = logical with { BitWidth = reader.ReadInt8(type) }; break;
                case (LogicalKind.Integer, 2): logical = logical with { IsSigned = CompactReader.ReadBoolean(type) }; break;
                default: reader.Skip(type); break;
            }
        }

        return logical;
    }

    private static TimeUnit ReadTimeUnit(ref CompactReader reader, CompactType union)
    {
        Expect(union, CompactType.Struct);
        var unit = 0;
        for (var id = 0; reader.NextField(ref id, out var type); reader.Skip(type))
        {
            unit = id;
        }

        return (TimeUnit)unit;
    }

    private static RowGroup ReadRowGroup(ref CompactReader reader)
    {
        ColumnChunk[]? columns = null;
        long? rows = null;
        for (var id = 0; reader.NextField(ref id, out var type);)
        {
            switch (id)
            {
                case 1:
                    columns = new ColumnChunk[reader.ReadListHeader(type, CompactType.Struct)];
                    foreach (ref var column in columns.AsSpan())
                    {
                        column = ReadColumnChunk(ref reader);
                    }

                    break;
                case 3: rows = reader.ReadInt64(type); break;
                default: reader.Skip(type); break;
            }
        }

        return new RowGroup(Required(rows, "num_rows of a row group"), Required(columns, "columns of a row group"));
    }

    private static ColumnChunk ReadColumnChunk(ref CompactReader reader)
    {
        ColumnChunk? chunk = null;
        string? path = null;
        var isEncrypted = false;
        for (var id = 0; reader.NextField(ref id, out var type);)
        {
            switch (id)
            {
                case 1: path = reader.ReadText(type); break;
                case 3:
                    Expect(type, CompactType.Struct);
                    chunk = ReadColumnMetadata(ref reader);
                    break;
                case 8 or 9:
                    isEncrypted = true;
                    reader.Skip(type);
                    break;
                default: reader.Skip(type); break;
            }
        }

        // An encrypted column's metadata may be encrypted too, and is then absent here.
        chunk ??= isEncrypted ? new ColumnChunk() : throw new InvalidDataException("a column chunk has no meta_data.");
        return chunk with { FilePath = path, IsEncrypted = isEncrypted };
    }

    private static ColumnChunk ReadColumnMetadata(ref CompactReader reader)
    {
        var (physical, codec) = (-1, -1);
        long? values = null, compressed = null, offset = null;
        var dictionary = 0L;
        for (var id = 0; reader.NextField(ref id, out var type);)
        {
            switch (id)
            {
                case 1: physical = reader.ReadInt32(type); break;
                case 4: codec = reader.ReadInt32(type); break;
                case 5: values = reader.ReadInt64(type); break;
                case 7: compressed = reader.ReadInt64(type); break;
                case 9: offset = reader.ReadInt64(type); break;
                case 11: dictionary = reader.ReadInt64(type); break;
                default: reader.Skip(type); break;
            }
        }

        return new ColumnChunk
        {
            Type = (PhysicalType)physical, Codec = (Codec)codec, Values = Required(values, "num_values"),
            CompressedLength = Required(compressed, "total_compressed_size"), DataOffset = Required(offset, "data_page_offset"),
            DictionaryOffset = dictionary,
        };
    }

    private static void ReadKeyValue(ref CompactReader reader, Dictionary<string, string> keyValues)
    {
        var (key, value) = ("", "");
        for (var id = 0; reader.NextField(ref id, out var type);)
        {
            switch (id)
            {
                case 1: key = reader.ReadText(type); break;
                case 2: value = reader.ReadText(type); break;
                default: reader.Skip(type); break;
            }
        }

        keyValues[key] = value;
    }

    private static void Expect(CompactType found, CompactType expected)
    {
        if (found != expected)
        {
            throw new InvalidDataException($"a field has the type {found}, where {expected} belongs.");
        }
    }

    private static T Required<T>(T? value, string field)
        where T : class => value ?? throw new InvalidDataException($"{field} is missing.");

    private static long Required(long? value, string field) => value switch
    {
        null => throw new InvalidDataException($"{field} is missing."),
        < 0 => throw new InvalidDataException($"{field} is {value}."),
        _ => value.Value,
    };
}
