using System.Globalization;
using System.Text.Json;
using Sightline.Curation.Parquet;
using Sightline.TestKit;

namespace Sightline.Curation.Tests.Parquet;

/// <summary>Files that other programs wrote, and what they hold (tests/Golden/parquet/README.md).</summary>
internal static class Golden
{
    private static readonly string Folder = Path.Combine(Repository.Root, "tests", "Golden", "parquet");

    private static readonly JsonElement Expected = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder, "expected.json"))).RootElement;

    internal static IEnumerable<string> Files => Expected.EnumerateObject().Select(f => f.Name);

    internal static string PathOf(string file) => Path.Combine(Folder, file);

    /// <summary>The columns that a file has, each with its type and values.</summary>
    internal static Dictionary<string, (ParquetType Type, object?[] Values)> ColumnsOf(string file)
    {
        var columns = Expected.GetProperty(file);
        if (columns.ValueKind == JsonValueKind.String)
        {
            columns = Expected.GetProperty(columns.GetString()!);
        }

        return columns.EnumerateObject().ToDictionary(
            c => c.Name,
            c => (Enum.Parse<ParquetType>(c.Value.GetProperty("type").GetString()!), ToValues(c.Value.GetProperty("values"))));
    }

    /// <summary>Spells a value as expected.json does, but for numbers with a fraction: those are numbers.</summary>
    internal static object? Spell(object? value) => value switch
    {
        null => null,
        object?[] list => list.Select(Spell).ToArray(),
        bool flag => flag ? "true" : "false",
        byte[] bytes => Convert.ToHexStringLower(bytes),
        DateTime moment => moment.ToString("yyyy-MM-ddTHH:mm:ss.fffffff", CultureInfo.InvariantCulture),
        DateOnly date => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture),
    };

    /// <summary>Whether a value that was read is the one that was written.</summary>
    internal static bool AreEqual(ParquetType type, object? expected, object? read) => (expected, read) switch
    {
        (object?[] left, object?[] right) => left.Length == right.Length && left.Zip(right).All(p => AreEqual(type, p.First, p.Second)),
        (string text, float number) => float.Parse(text, CultureInfo.InvariantCulture) == number,
        (string text, double number) => BitConverter.DoubleToInt64Bits(double.Parse(text, CultureInfo.InvariantCulture)) == BitConverter.DoubleToInt64Bits(number),
        (string text, TimeSpan time) => TimeSpan.Parse(text, CultureInfo.InvariantCulture) == time,
        _ => Equals(expected, Spell(read)),
    };

    private static object?[] ToValues(JsonElement values) => [.. values.EnumerateArray().Select(v => v.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.Array => ToValues(v),
        _ => (object)v.GetString()!,
    })];
}
