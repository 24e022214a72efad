using System.Text.Json;

namespace Sightline.Curation.Export;

/// <summary>Which pairs of a part are exported, and to which splits.</summary>
/// <param name="splits">Of the export.</param>
/// <param name="includeGenerated">Pairs of pictures that a model made too.</param>
internal sealed class PairSelection(SplitTable splits, bool includeGenerated)
{
    /// <summary>Dropped by the run.</summary>
    internal const sbyte Dropped = -1;

    /// <summary>Kept by the run, and left out as a picture that a model made.</summary>
    internal const sbyte Generated = -2;

    /// <summary>What <see cref="ImageIdentity"/> goes by.</summary>
    internal const PartColumns Identity =
        PartColumns.Keys | PartColumns.Images | PartColumns.Urls | PartColumns.Sha256s | PartColumns.Measures;

    /// <summary>What is read of a part to tell.</summary>
    internal PartColumns Columns =>
        (splits.Names.Count > 1 ? Identity : PartColumns.None) | (includeGenerated ? PartColumns.None : PartColumns.Extras);

    /// <summary>By the pair's place in the part; its split, or less than 0 for <see cref="Dropped"/> and <see cref="Generated"/>.</summary>
    internal sbyte[] Select(PairPart part, ReadOnlySpan<ushort> verdicts)
    {
        if (verdicts.Length != part.Count)
        {
            throw new ExportException(
                $"The run has {verdicts.Length} verdicts for the {part.Count} pairs from {part.FirstRow} on: run the recipe again.");
        }

        var chosen = new sbyte[part.Count];
        for (var i = 0; i < chosen.Length; i++)
        {
            chosen[i] = verdicts[i] != 0 ? Dropped
                : !includeGenerated && IsGenerated(part, i) ? Generated
                : (sbyte)splits.Of(part[i], part.FirstRow + i);
        }

        return chosen;
    }

    private static bool IsGenerated(PairPart part, int index)
    {
        try
        {
            return IsGenerated(part.Source.Extras[index]);
        }
        catch (JsonException e)
        {
            throw new ExportException(
                $"The extra fields of pair {part.FirstRow + index} are no JSON: {e.Message} Import the dataset again.", e);
        }
    }

    private static bool IsGenerated(ReadOnlySpan<byte> extra)
    {
        if (extra.IndexOf("provenance"u8) < 0)
        {
            return false;
        }

        var reader = new Utf8JsonReader(extra);
        while (reader.Read())
        {
            if (reader.CurrentDepth == 1 && reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("provenance"u8))
            {
                return reader.Read() && reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("generated"u8);
            }
        }

        return false;
    }
}
