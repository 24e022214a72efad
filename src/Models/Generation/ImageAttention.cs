using static TorchSharp.torch;

namespace Sightline.Models.Generation;

/// <summary>Which earlier image tokens an image token attends to (arXiv 2102.12092, figure 11); itself always.</summary>
internal enum AttentionPattern
{
    /// <summary>All of them.</summary>
    Full,

    /// <summary>As many before it as a row is long: the last is the one above it (figure 11a).</summary>
    Row,

    /// <summary>Those above it in its column (figure 11b).</summary>
    Column,

    /// <summary>A square around it whose columns wrap around, so that it looks alike from everywhere (figure 11d).</summary>
    Convolution,

    /// <summary>A square around it, cut off at the picture's edges (ruDALL-E, version 3).</summary>
    ClampedConvolution,
}

/// <summary>
/// What a layer lets an image token see of the image: where the keys are kept, and which of them a position attends to. One predicate,
/// <see cref="Sees"/>, gives the mask of a whole sequence and the window of a single step.
/// </summary>
/// <param name="Kernel">Side of the square of the convolutional patterns; odd.</param>
internal sealed record ImageAttention(AttentionPattern Pattern, int Kernel = 11)
{
    /// <summary>The paper's layers: row, column, row, row, again and again, and convolutional the last (appendix B.1).</summary>
    internal static ImageAttention[] PaperLayers(int layers, AttentionPattern last = AttentionPattern.Convolution) =>
    [
        .. Enumerable.Range(1, layers).Select(i => new ImageAttention(
            i == layers ? last : (i - 2) % 4 == 0 ? AttentionPattern.Column : AttentionPattern.Row)),
    ];

    /// <param name="query">Position in the grid, in raster order.</param>
    /// <param name="key">Likewise.</param>
    internal bool Sees(TokenGrid grid, int query, int key)
    {
        var back = query - key;
        if (back <= 0 || Pattern == AttentionPattern.Full)
        {
            return back >= 0;
        }

        var (rows, columns) = Math.DivRem(back, grid.Columns);
        var reach = Kernel / 2;
        return Pattern switch
        {
            AttentionPattern.Row => back <= grid.Columns,
            AttentionPattern.Column => columns == 0,
            AttentionPattern.Convolution => rows <= reach && (columns <= reach || columns >= grid.Columns - reach),
            _ => query / grid.Columns - key / grid.Columns <= reach
                && Math.Abs(query % grid.Columns - key % grid.Columns) <= reach,
        };
    }

    /// <summary>
    /// What is added to the scores of a sequence of text and image: 0 where a query sees a key, minus infinity elsewhere. Text is causal
    /// and sees no image; an image token sees all of the text.
    /// </summary>
    /// <returns>[T, T] with T = text + image.</returns>
    internal Tensor Mask(int text, TokenGrid grid, int image)
    {
        var length = text + image;
        var mask = new float[length * length];
        for (var query = 0; query < length; query++)
        {
            for (var key = 0; key < length; key++)
            {
                var sees = key < text ? key <= query : query >= text && Sees(grid, query - text, key - text);
                mask[query * length + key] = sees ? 0 : float.NegativeInfinity;
            }
        }

        return tensor(mask, [length, length]);
    }

    /// <summary>Keys that are kept at a time: all of them, or as many as a row sees.</summary>
    internal int Slots(TokenGrid grid) =>
        Pattern == AttentionPattern.Row ? Math.Min(grid.Columns + 1, grid.Length) : grid.Length;

    /// <summary>
    /// Where the key of a position is kept, so that those seen together lie together: around a ring where what is further back than a row
    /// is never seen again, by columns where columns are seen.
    /// </summary>
    internal int Slot(TokenGrid grid, int position) => Pattern switch
    {
        AttentionPattern.Row => position % Slots(grid),
        AttentionPattern.Column => position % grid.Columns * grid.Rows + position / grid.Columns,
        _ => position,
    };

    /// <summary>For each position, the stretch of slots that holds what it sees.</summary>
    internal AttentionWindow[] Windows(TokenGrid grid) => [.. Enumerable.Range(0, grid.Length).Select(query =>
    {
        int[] slots = [.. Enumerable.Range(0, query + 1).Where(key => Sees(grid, query, key)).Select(key => Slot(grid, key)).Order()];
        return new AttentionWindow(slots[0], slots[^1] - slots[0] + 1, slots);
    })];
}

/// <summary>A stretch of slots that a step reads.</summary>
/// <param name="Start">The first slot.</param>
/// <param name="Length">Slots, gaps included.</param>
/// <param name="Slots">Those that are attended to, in order.</param>
internal sealed record AttentionWindow(int Start, int Length, int[] Slots)
{
    internal bool HasGaps => Slots.Length < Length;
}
