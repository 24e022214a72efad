using System.Text;
using System.Text.Json;

namespace Sightline.Curation.Import;

/// <summary>Reads JSON objects into pairs: values by the names of columns, what is left into <see cref="NewPair.Extra"/> as it is written.
/// Nulls and empty texts count as not there.</summary>
internal sealed class JsonObjectRow(ColumnNames names)
{
    private const int MostNames = 4096;

    private readonly List<Property> _properties = [];
    private readonly List<Name> _expected = [];
    private readonly Dictionary<string, Name> _names = new(StringComparer.Ordinal);
    private readonly int[] _best = new int[PairColumns.Count];
    private byte[] _unescaped = new byte[256];

    private sealed record Name(string Text, byte[] Utf8, int Column, int Rank, bool IsOmitted);

    private readonly record struct Property(Name Name, int Start, int End, JsonTokenType Type, bool IsEscaped);

    /// <summary>All columns but the image's: it lies beside the object, in a tar or a folder.</summary>
    internal const int AllButImage = AllColumns & ~(1 << (int)PairColumn.Image);

    internal const int AllColumns = (1 << PairColumns.Count) - 1;

    /// <summary>Of the object that was read last.</summary>
    internal IEnumerable<string> PropertyNames => _properties.Select(p => p.Name.Text);

    /// <summary>For each column, where in the last object it was; -1 where it was not.</summary>
    internal ReadOnlySpan<int> Places => _best;

    /// <summary>Fills a row, or makes it fail: not_utf8 or bad_json.</summary>
    /// <param name="json">One object.</param>
    /// <param name="columns">Bits of the columns that are taken; others are kept as extra.</param>
    /// <param name="caption">The caption from elsewhere, which goes before the object's; one like it is not kept twice.</param>
    internal void Fill(ReadOnlySpan<byte> json, PairRow row, int columns = AllColumns, ReadOnlySpan<byte> caption = default)
    {
        if (!TryScan(json, out var reason, out var detail))
        {
            row.Fail(reason, detail);
            return;
        }

        Choose(columns & (caption.IsEmpty ? AllColumns : ~(1 << (int)PairColumn.Caption)));
        for (var i = 0; i < _properties.Count; i++)
        {
            var property = _properties[i];
            if (property.Name.Column >= 0 && _best[property.Name.Column] == i)
            {
                row.Set((PairColumn)property.Name.Column, ValueOf(property, json));
            }
            else if (property.Type == JsonTokenType.StartObject && property.Name.Text == ColumnNames.Extra)
            {
                row.SpreadExtra(json[property.Start..property.End]);
            }
            else if (!IsNothing(property) && !property.Name.IsOmitted && !IsCaption(property, json, caption))
            {
                row.AddExtraJson(property.Name.Utf8, json[property.Start..property.End]);
            }
        }
    }

    /// <summary>Whether a text is an object, and nothing beside it.</summary>
    internal static bool IsObject(ReadOnlySpan<byte> text) => PairRow.Trim(text) is [(byte)'{', ..] && IsJson(text);

    internal static bool IsJson(ReadOnlySpan<byte> text)
    {
        var reader = new Utf8JsonReader(text);
        try
        {
            while (reader.Read())
            {
            }

            return System.Text.Unicode.Utf8.IsValid(text);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    // A column that is empty says nothing, unless another of its names has it.
    private bool IsNothing(Property property) => property.Type == JsonTokenType.Null
        || (property is { Type: JsonTokenType.String, Name.Column: >= 0 } && property.End - property.Start == 2 && _best[property.Name.Column] < 0);

    private bool IsCaption(Property property, ReadOnlySpan<byte> json, ReadOnlySpan<byte> caption) =>
        !caption.IsEmpty && property.Name.Column == (int)PairColumn.Caption && PairRow.Trim(ValueOf(property, json)).SequenceEqual(caption);

    private bool TryScan(ReadOnlySpan<byte> json, out string reason, out string detail)
    {
        _properties.Clear();
        (reason, detail) = ("bad_json", "It is no JSON object.");
        if (!System.Text.Unicode.Utf8.IsValid(json))
        {
            (reason, detail) = ("not_utf8", "The JSON is not UTF-8.");
            return false;
        }

        try
        {
            return Scan(json);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The reader throws InvalidOperationException for \u escapes that are half a character.
            detail = e.Message;
            return false;
        }
    }

    private bool Scan(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return false;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = NameAt(_properties.Count, ref reader);
            reader.Read();
            var (start, type, isEscaped) = ((int)reader.TokenStartIndex, reader.TokenType, reader.ValueIsEscaped);
            reader.Skip();
            var property = new Property(name, start, (int)reader.BytesConsumed, type, isEscaped);
            if (isEscaped && type == JsonTokenType.String)
            {
                ValueOf(property, json);
            }

            _properties.Add(property);
        }

        // Only white space may follow; the reader throws at anything else.
        return !reader.Read();
    }

    /// <summary>Objects of a file mostly have the same names in the same order.</summary>
    private Name NameAt(int place, ref Utf8JsonReader reader)
    {
        if (place < _expected.Count && reader.ValueTextEquals(_expected[place].Utf8))
        {
            return _expected[place];
        }

        var text = reader.GetString()!;
        if (!_names.TryGetValue(text, out var name))
        {
            if (_names.Count == MostNames)
            {
                _names.Clear();
            }

            var column = names.TryFind(text, out var found, out var rank) ? (int)found : -1;
            _names[text] = name = new Name(text, Encoding.UTF8.GetBytes(text), column, rank, names.Omits(text));
        }

        if (place < _expected.Count)
        {
            _expected[place] = name;
        }
        else if (place == _expected.Count && place < MostNames)
        {
            _expected.Add(name);
        }

        return name;
    }

    private void Choose(int columns)
    {
        Array.Fill(_best, -1);
        for (var i = 0; i < _properties.Count; i++)
        {
            var property = _properties[i];
            var column = property.Name.Column;
            var isThere = property.Type is JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False
                || (property.Type == JsonTokenType.String && property.End - property.Start > 2);
            if (column >= 0 && isThere && (columns >> column & 1) != 0
                && (_best[column] < 0 || property.Name.Rank < _properties[_best[column]].Name.Rank))
            {
                _best[column] = i;
            }
        }
    }

    /// <summary>A text without quotes and escapes, until the next is asked for; anything else as it is written.</summary>
    private ReadOnlySpan<byte> ValueOf(Property property, ReadOnlySpan<byte> json)
    {
        var value = json[property.Start..property.End];
        if (property.Type != JsonTokenType.String)
        {
            return value;
        }

        if (!property.IsEscaped)
        {
            return value[1..^1];
        }

        if (_unescaped.Length < value.Length)
        {
            _unescaped = new byte[Math.Max(value.Length, 2 * _unescaped.Length)];
        }

        var reader = new Utf8JsonReader(value);
        reader.Read();
        return _unescaped.AsSpan(0, reader.CopyString(_unescaped));
    }
}
