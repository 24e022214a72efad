using System.Globalization;
using System.Text.Json;

namespace Sightline.Search;

/// <summary>
/// Filters as the API takes them: <c>{"camera": {"in": ["X100", "D90"]}, "width": {"gte": 1000}, "or": [{...}, {...}], "not": {...}}</c>.
/// Fields of one object hold together. Operators: eq, ne, in, nin for all fields, gt, gte, lt, lte for numbers and dates; a bare value is eq.
/// </summary>
public static class FilterJson
{
    private const int MaxDepth = 8;

    private static readonly Dictionary<string, ImageField> Fields =
        Enum.GetValues<ImageField>().ToDictionary(field => JsonNamingPolicy.CamelCase.ConvertName(field.ToString()));

    /// <exception cref="ArgumentException">It is no filter; names the field and the cause.</exception>
    public static ImageFilter Parse(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return Parse(document.RootElement);
        }
        catch (JsonException e)
        {
            throw new ArgumentException($"The filter is no JSON: {e.Message}", nameof(json));
        }
    }

    /// <inheritdoc cref="Parse(string)"/>
    public static ImageFilter Parse(JsonElement json)
    {
        var count = 0;
        return Object(json, 0, ref count);
    }

    /// <summary>A date, or the whole day, month or year that it names, in seconds since 1970: its first and its last.</summary>
    /// <exception cref="ArgumentException">It is no date.</exception>
    public static (double First, double Last) Period(string text)
    {
        foreach (var (format, next) in new (string, Func<DateTimeOffset, DateTimeOffset>)[]
            { ("yyyy", d => d.AddYears(1)), ("yyyy-MM", d => d.AddMonths(1)), ("yyyy-MM-dd", d => d.AddDays(1)) })
        {
            if (DateTimeOffset.TryParseExact(text, format, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var start)
                && start.Year < 9999)
            {
                return (start.ToUnixTimeSeconds(), next(start).ToUnixTimeSeconds() - 1);
            }
        }

        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment)
            ? (moment.ToUnixTimeSeconds(), moment.ToUnixTimeSeconds())
            : throw new ArgumentException($"{text} is no date; write 2024, 2024-05, 2024-05-31 or 2024-05-31T12:00:00Z.");
    }

    private static ImageFilter Object(JsonElement json, int depth, ref int count)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw new ArgumentException("A filter is an object such as {\"width\": {\"gte\": 1000}}.");
        }

        if (depth > MaxDepth)
        {
            throw new ArgumentException($"The filter is nested more than {MaxDepth} deep.");
        }

        var parts = new List<ImageFilter>();
        foreach (var property in json.EnumerateObject())
        {
            if (++count > ImageFilter.MaxConditions)
            {
                throw new ArgumentException($"The filter has more than {ImageFilter.MaxConditions} conditions.");
            }

            parts.Add(property.Name switch
            {
                "and" => new AllOf(List(property, depth, ref count)),
                "or" => new AnyOf(List(property, depth, ref count)),
                "not" => new NoneOf(Object(property.Value, depth + 1, ref count)),
                _ => Field(property),
            });
        }

        return ImageFilter.And(parts);
    }

    private static List<ImageFilter> List(JsonProperty property, int depth, ref int count)
    {
        if (property.Value.ValueKind != JsonValueKind.Array || property.Value.GetArrayLength() == 0)
        {
            throw new ArgumentException($"\"{property.Name}\" takes a list of filters.");
        }

        var parts = new List<ImageFilter>();
        foreach (var part in property.Value.EnumerateArray())
        {
            parts.Add(Object(part, depth + 1, ref count));
        }

        return parts;
    }

    private static ImageFilter Field(JsonProperty property)
    {
        if (!Fields.TryGetValue(property.Name, out var field))
        {
            throw new ArgumentException($"There is no field {property.Name}; there are {string.Join(", ", Fields.Keys)}, and, or, not.");
        }

        return property.Value.ValueKind == JsonValueKind.Object
            ? ImageFilter.And(property.Value.EnumerateObject().Select(op => Condition(field, property.Name, op.Name, op.Value)))
            : Condition(field, property.Name, "eq", property.Value);
    }

    private static ImageFilter Condition(ImageField field, string name, string op, JsonElement value)
    {
        string[] values = value.ValueKind == JsonValueKind.Array && op is "in" or "nin"
            ? [.. value.EnumerateArray().Select(v => Text(v, name))]
            : [Text(value, name)];
        var equal = field < ImageField.Date
            ? new NameIs(field, values)
            : (ImageFilter)new AnyOf([.. values.Select(v => Range(field, name, v) is var (first, last) ? new Between(field, first, last) : null!)]);
        return op switch
        {
            "eq" or "in" => equal,
            "ne" or "nin" => new NoneOf(equal),
            "gt" or "gte" or "lt" or "lte" when field >= ImageField.Date => Compared(field, op, Range(field, name, values[0])),
            "gt" or "gte" or "lt" or "lte" => throw new ArgumentException($"{name} has no order; it takes eq, ne, in, nin."),
            _ => throw new ArgumentException($"{name} has no operator {op}; there are eq, ne, in, nin, gt, gte, lt, lte."),
        };
    }

    private static Between Compared(ImageField field, string op, (double First, double Last) range) => op switch
    {
        "gt" => new Between(field, Math.BitIncrement(range.Last), null),
        "gte" => new Between(field, range.First, null),
        "lt" => new Between(field, null, Math.BitDecrement(range.First)),
        _ => new Between(field, null, range.Last),
    };

    private static (double First, double Last) Range(ImageField field, string name, string value)
    {
        if (field == ImageField.Date)
        {
            return Period(value);
        }

        return double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? (number, number)
            : throw new ArgumentException($"{name} is a number, not {value}.");
    }

    private static string Text(JsonElement value, string name) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Number => value.GetRawText(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => throw new ArgumentException($"{name} is compared with a text, a number or true and false."),
    };
}
