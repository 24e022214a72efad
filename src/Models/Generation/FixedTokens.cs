namespace Sightline.Models.Generation;

/// <summary>Tokens of a picture that every candidate must have; the others are sampled around them.</summary>
public sealed class FixedTokens
{
    private readonly int?[] _values;

    private FixedTokens(TokenGrid grid, int?[] values) => (Grid, _values) = (grid, values);

    public TokenGrid Grid { get; }

    /// <summary>Continues a picture from its top.</summary>
    /// <param name="rows">Rows of tokens that stay, 0 to all.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are not so many rows.</exception>
    public static FixedTokens TopRows(ImageTokens tokens, int rows)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rows, tokens.Grid.Rows);
        return Where(tokens, [.. Enumerable.Range(0, tokens.Grid.Length).Select(at => at < rows * tokens.Grid.Columns)]);
    }

    /// <summary>Paints over part of a picture. Tokens are sampled from the top: those that stay below a hole do not influence it.</summary>
    /// <param name="stays">For each place of the grid, row by row, whether its token stays.</param>
    /// <exception cref="ArgumentException">There is not one for each place.</exception>
    public static FixedTokens Where(ImageTokens tokens, IReadOnlyList<bool> stays)
    {
        if (stays.Count != tokens.Grid.Length)
        {
            throw new ArgumentException($"{stays.Count} places are not the {tokens.Grid.Length} of the grid.", nameof(stays));
        }

        var values = new int?[stays.Count];
        for (var at = 0; at < values.Length; at++)
        {
            values[at] = stays[at] ? tokens.Values[at] : null;
        }

        return new FixedTokens(tokens.Grid, values);
    }

    /// <summary>The token at a position; null where it is sampled.</summary>
    internal int? At(int position) => _values[position];

    /// <summary>The tokens before the first that is sampled.</summary>
    internal int[] Beginning() => [.. _values.TakeWhile(v => v is not null).Select(v => v!.Value)];
}
