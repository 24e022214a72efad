using System.Globalization;
using System.Text.Json;

namespace Sightline.Curation.Import;

/// <summary>
/// JSON lines, an object each (also packed as gzip), or one array of objects. Nested values and all that is no column are kept as extra, as
/// they are written. Places of faults are lines, or in an array the items' numbers from 0.
/// </summary>
internal sealed class JsonSource(IReadOnlyList<string> files, PairSourceRequest request, string format = JsonSource.Lines)
    : FileSource(format, files, request)
{
    internal const string Lines = "jsonl";
    private const int RowsToCheck = 100;

    protected override void CheckFile(string file)
    {
        var sink = new NoSink();
        using var row = NewRow(file, sink, ImagesOf(file));
        var json = new JsonObjectRow(Names);
        var places = Enumerable.Repeat(-1, PairColumns.Count).ToArray();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var _ in Rows(file, row, json, sink, CancellationToken.None).Take(RowsToCheck))
        {
            names.UnionWith(json.PropertyNames);
            for (var i = 0; i < places.Length; i++)
            {
                places[i] = Math.Max(places[i], json.Places[i]);
            }
        }

        if (names.Count == 0)
        {
            throw new PairSourceException($"{file} has no JSON object in its first {RowsToCheck} rows.");
        }

        Names.Check(file, [.. names], places, NeedsCaption);
    }

    protected override void ReadFile(string file, PairSink sink, CancellationToken cancellationToken)
    {
        using var row = NewRow(file, sink, ImagesOf(file));
        foreach (var place in Rows(file, row, new JsonObjectRow(Names), sink, cancellationToken))
        {
            row.Submit(place, row.Submitted);
        }
    }

    private static IEnumerable<Place> Rows(string file, PairRow row, JsonObjectRow json, PairSink sink,
        CancellationToken cancellationToken) =>
        JsonShapes.Of(file) switch
        {
            JsonShape.Array => ArrayRows(file, row, json, sink, cancellationToken),
            JsonShape.Coco => throw new PairSourceException(
                $"{file} is one JSON object with tables in it, not one a line; COCO's captions have the format {CocoSource.Coco}."),
            _ => LineRows(file, row, json, sink, cancellationToken),
        };

    /// <summary>Fills the row, and gives its place, for each line that is not empty.</summary>
    private static IEnumerable<Place> LineRows(string file, PairRow row, JsonObjectRow json, PairSink sink,
        CancellationToken cancellationToken)
    {
        using var stream = SourceStream.Open(file);
        var lines = new LineReader(stream);
        while (lines.TryAdvance())
        {
            if (lines.IsTooLong)
            {
                row.Fail("too_long", $"The line is longer than {LineReader.LongestLine} bytes.");
            }
            else if (PairRow.Trim(lines.Line).IsEmpty)
            {
                continue;
            }
            else
            {
                json.Fill(lines.Line, row);
            }

            yield return Place.Line(lines.Number);
            Pause(lines.Number, lines.Position, sink, cancellationToken);
        }

        if (lines.Damage is not null)
        {
            sink.Fault(Place.Line(lines.Number).ToString(), "damaged", $"The file cannot be unpacked beyond this line: {lines.Damage}");
        }

        sink.Advance(lines.Position);
    }

    private static IEnumerable<Place> ArrayRows(string file, PairRow row, JsonObjectRow json, PairSink sink,
        CancellationToken cancellationToken)
    {
        using var stream = SourceStream.Open(file);
        var tokens = new JsonTokens(stream);
        tokens.Read(out _);
        for (var item = 0L; ; item++)
        {
            switch (TryFillItem(tokens, row, json))
            {
                case null:
                    sink.Advance(tokens.Position);
                    yield break;
                case { Length: > 0 } damage:
                    sink.Fault(
                        new Place("item", item).ToString(), "damaged",
                        string.Create(CultureInfo.InvariantCulture, $"What follows byte {tokens.Offset} cannot be read: {damage}"));
                    sink.Advance(tokens.Position);
                    yield break;
                default:
                    yield return new Place("item", item);
                    Pause(item, tokens.Position, sink, cancellationToken);
                    break;
            }
        }
    }

    /// <summary>Null at the end, empty for an item, else why there will be no more.</summary>
    private static string? TryFillItem(JsonTokens tokens, PairRow row, JsonObjectRow json)
    {
        try
        {
            if (tokens.ReadValue(out var item) is JsonTokenType.EndArray or JsonTokenType.None)
            {
                return null;
            }

            json.Fill(item, row);
            return "";
        }
        catch (Exception e) when (e is JsonException or InvalidDataException)
        {
            return e.Message;
        }
    }

    private static void Pause(long number, long position, PairSink sink, CancellationToken cancellationToken)
    {
        if (number % 1024 == 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            sink.Advance(position);
        }
    }

    /// <summary>For a look at a file's columns.</summary>
    private sealed class NoSink : PairSink
    {
        public override void Add(in NewPair pair)
        {
        }

        public override void Fault(string place, string reason, string detail)
        {
        }

        public override void Advance(long position)
        {
        }
    }
}
