namespace Sightline.Models.Generation;

/// <summary>The image tokens of a model: a grid in raster order, rows from the top.</summary>
/// <param name="Rows">At least 1.</param>
/// <param name="Columns">At least 1.</param>
/// <param name="Vocabulary">Values that a token can have, from 0.</param>
public sealed record TokenGrid(int Rows, int Columns, int Vocabulary)
{
    /// <summary>Tokens of one picture.</summary>
    public int Length => Rows * Columns;
}
