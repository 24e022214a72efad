namespace Sightline.Models.Generation;

/// <summary>A picture as a model's tokens, in raster order.</summary>
public sealed class ImageTokens
{
    private readonly int[] _values;

    /// <param name="grid">Of the model that the tokens belong to.</param>
    /// <param name="values">One for each place of the grid, row by row.</param>
    /// <exception cref="ArgumentException">They are not as many as the grid has places, or one is outside the vocabulary.</exception>
    public ImageTokens(TokenGrid grid, IReadOnlyList<int> values)
    {
        if (values.Count != grid.Length)
        {
            throw new ArgumentException($"{values.Count} tokens do not fill {grid.Rows} rows of {grid.Columns}.", nameof(values));
        }

        foreach (var value in values)
        {
            if (value < 0 || value >= grid.Vocabulary)
            {
                throw new ArgumentException($"The token {value} is outside the vocabulary of {grid.Vocabulary}.", nameof(values));
            }
        }

        Grid = grid;
        _values = [.. values];
    }

    public TokenGrid Grid { get; }

    /// <summary>Row by row, from the top.</summary>
    public ReadOnlySpan<int> Values => _values;
}
