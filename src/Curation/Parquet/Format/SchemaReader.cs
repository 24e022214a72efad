namespace Sightline.Curation.Parquet;

/// <summary>Finds the columns in the depth-first list that a footer stores of its schema tree.</summary>
internal sealed class SchemaReader
{
    private const int DeepestNesting = 64;

    /// <summary>Levels are handled as bytes; no schema comes near.</summary>
    private const int HighestLevel = 127;

    /// <summary>Digits behind the point that .NET's decimal has.</summary>
    private const int MostScale = 28;

    private readonly IReadOnlyList<SchemaElement> _elements;
    private readonly string _file;
    private readonly List<ParquetColumn> _columns = [];
    private int _next;

    private SchemaReader(IReadOnlyList<SchemaElement> elements, string file) => (_elements, _file) = (elements, file);

    /// <param name="file">For the columns' messages.</param>
    /// <exception cref="InvalidDataException">The list is no tree.</exception>
    internal static List<ParquetColumn> Read(IReadOnlyList<SchemaElement> elements, string file)
    {
        var reader = new SchemaReader(elements, file);
        var root = reader.Take();
        reader.ReadChildren(root, "", default, 0);
        return reader._next == elements.Count
            ? reader._columns
            : throw new InvalidDataException($"the schema has {elements.Count} elements, its tree holds {reader._next}.");
    }

    /// <summary>How deep a node lies in optional and repeated ones, itself included.</summary>
    private readonly record struct Levels(int Definition, int Repetition, int ItemDefinition);

    private void ReadChildren(SchemaElement parent, string path, Levels levels, int depth)
    {
        if (depth == DeepestNesting)
        {
            throw new InvalidDataException($"the schema is more than {DeepestNesting} deep.");
        }

        for (var left = parent.Children; left > 0; left--)
        {
            ReadNode(path, levels, depth);
        }
    }

    private void ReadNode(string path, Levels outer, int depth)
    {
        var element = Take();
        var name = path.Length == 0 ? element.Name : path + "." + element.Name;
        var levels = element.Repetition switch
        {
            Repetition.Required => outer,
            Repetition.Optional => outer with { Definition = outer.Definition + 1 },
            Repetition.Repeated => new Levels(outer.Definition + 1, outer.Repetition + 1, outer.Definition + 1),
            _ => throw new InvalidDataException($"{name} has the repetition {(int)element.Repetition}."),
        };
        if (element.Type is not null && element.Children == 0)
        {
            _columns.Add(ToColumn(element, name, levels));
            return;
        }

        var first = _columns.Count;
        ReadChildren(element, name, levels, depth + 1);
        var isList = element.Logical.Kind == LogicalKind.List || element.Converted == ConvertedType.List;
        if (isList && _columns.Count == first + 1)
        {
            // "tags.list.element" and "tags.array" are spellings of "tags" (LogicalTypes.md, Lists).
            _columns[first] = _columns[first] with { Name = name };
        }
    }

    private ParquetColumn ToColumn(SchemaElement element, string name, Levels levels)
    {
        var (type, unreadable) = TypeOf(element);
        return new ParquetColumn
        {
            Name = name, File = _file, Leaf = _columns.Count, Type = type, Physical = element.Type!.Value, TypeLength = element.TypeLength,
            MaxDefinition = levels.Definition, MaxRepetition = levels.Repetition, ItemDefinition = levels.ItemDefinition,
            IsOptional = levels.Repetition == 0 ? levels.Definition > 0 : levels.ItemDefinition > 1,
            IsUtc = IsUtc(element), Unit = UnitOf(element),
            Scale = element.Logical.Kind == LogicalKind.Decimal ? element.Logical.Scale : element.Scale,
            Unreadable = levels.Repetition > 1 ? "lists in lists are not supported."
                : levels.Definition > HighestLevel ? $"it lies {levels.Definition} levels deep."
                : unreadable,
        };
    }

    private SchemaElement Take() =>
        _next < _elements.Count ? _elements[_next++] : throw new InvalidDataException("the schema ends in the middle of its tree.");

    private static (ParquetType Type, string? Unreadable) TypeOf(SchemaElement element)
    {
        var isDecimal = element.Logical.Kind == LogicalKind.Decimal || element.Converted == ConvertedType.Decimal;
        switch (element.Type)
        {
            case PhysicalType.Boolean: return (ParquetType.Boolean, null);
            case PhysicalType.Int32 or PhysicalType.Int64 or PhysicalType.ByteArray when isDecimal: return DecimalOf(element);
            case PhysicalType.Int32: return (Int32Of(element), null);
            case PhysicalType.Int64: return (Int64Of(element), null);
            case PhysicalType.Int96: return (ParquetType.Timestamp, null);
            case PhysicalType.Float: return (ParquetType.Float, null);
            case PhysicalType.Double: return (ParquetType.Double, null);
            case PhysicalType.ByteArray: return (BytesOf(element), null);
            case PhysicalType.FixedLengthByteArray when element.TypeLength <= 0:
                return (ParquetType.Bytes, $"its values have a fixed length of {element.TypeLength} bytes.");
            case PhysicalType.FixedLengthByteArray when isDecimal: return DecimalOf(element);
            case PhysicalType.FixedLengthByteArray:
                return ((element.Logical.Kind, element.TypeLength) switch
                {
                    (LogicalKind.Float16, 2) => ParquetType.Half,
                    (LogicalKind.Uuid, 16) => ParquetType.Uuid,
                    _ => ParquetType.Bytes,
                }, null);
            default: return (ParquetType.Bytes, $"there is no physical type {(int)element.Type!.Value}.");
        }
    }

    private static ParquetType Int32Of(SchemaElement element) => element switch
    {
        { Logical: { Kind: LogicalKind.Integer, IsSigned: false, BitWidth: 32 } } => ParquetType.UInt32,
        { Converted: ConvertedType.UInt32 } => ParquetType.UInt32,
        { Logical.Kind: LogicalKind.Date } or { Converted: ConvertedType.Date } => ParquetType.Date,
        { Logical.Kind: LogicalKind.Time } or { Converted: ConvertedType.TimeMillis } => ParquetType.Time,
        _ => ParquetType.Int32,
    };

    private static ParquetType Int64Of(SchemaElement element) => element switch
    {
        { Logical: { Kind: LogicalKind.Integer, IsSigned: false } } or { Converted: ConvertedType.UInt64 } => ParquetType.UInt64,
        { Logical: { Kind: LogicalKind.Timestamp, Unit: >= TimeUnit.Millis and <= TimeUnit.Nanos } } => ParquetType.Timestamp,
        { Converted: ConvertedType.TimestampMillis or ConvertedType.TimestampMicros } => ParquetType.Timestamp,
        { Logical: { Kind: LogicalKind.Time, Unit: >= TimeUnit.Millis and <= TimeUnit.Nanos } } => ParquetType.Time,
        { Converted: ConvertedType.TimeMicros } => ParquetType.Time,
        _ => ParquetType.Int64,
    };

    private static ParquetType BytesOf(SchemaElement element) => element switch
    {
        { Logical.Kind: LogicalKind.String or LogicalKind.Enum } => ParquetType.Text,
        { Converted: ConvertedType.Utf8 or ConvertedType.Enum } => ParquetType.Text,
        { Logical.Kind: LogicalKind.Json } or { Converted: ConvertedType.Json } => ParquetType.Json,
        _ => ParquetType.Bytes,
    };

    private static (ParquetType Type, string? Unreadable) DecimalOf(SchemaElement element)
    {
        var scale = element.Logical.Kind == LogicalKind.Decimal ? element.Logical.Scale : element.Scale;
        return (ParquetType.Decimal,
            scale is >= 0 and <= MostScale ? null : $"its decimals have {scale} digits behind the point; {MostScale} are supported.");
    }

    /// <summary>Converted timestamps are instants; LogicalTypes.md, "Deprecated timestamp ConvertedType".</summary>
    private static bool IsUtc(SchemaElement element) => element.Logical.Kind is LogicalKind.Timestamp or LogicalKind.Time
        ? element.Logical.IsUtc
        : element.Converted is ConvertedType.TimestampMillis or ConvertedType.TimestampMicros;

    private static TimeUnit UnitOf(SchemaElement element) => element switch
    {
        { Logical.Kind: LogicalKind.Time or LogicalKind.Timestamp } => element.Logical.Unit,
        { Converted: ConvertedType.TimeMicros or ConvertedType.TimestampMicros } => TimeUnit.Micros,
        _ => TimeUnit.Millis,
    };
}
