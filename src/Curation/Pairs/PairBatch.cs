using System.Runtime.InteropServices;

namespace Sightline.Curation;

/// <summary>
/// (image, caption) pairs by columns, as they stream from a source. Filled by one writer, then read by any; a column that nobody filled
/// is empty in every row.
/// </summary>
/// <param name="firstRow">Number of its first pair in the dataset, from 0: with the dataset, a pair's identity.</param>
public sealed class PairBatch(long firstRow)
{
    private readonly List<int> _widths = [];
    private readonly List<int> _heights = [];
    private readonly List<float> _similarities = [];

    public long FirstRow { get; private set; } = firstRow;

    public int Count => _widths.Count;

    /// <inheritdoc cref="NewPair.Key"/>
    public Utf8Column Keys { get; } = new();

    /// <inheritdoc cref="NewPair.Caption"/>
    public Utf8Column Captions { get; } = new();

    /// <inheritdoc cref="NewPair.Image"/>
    public Utf8Column Images { get; } = new();

    /// <inheritdoc cref="NewPair.Url"/>
    public Utf8Column Urls { get; } = new();

    /// <inheritdoc cref="NewPair.Sha256"/>
    public Utf8Column Sha256s { get; } = new();

    /// <inheritdoc cref="NewPair.Extra"/>
    public Utf8Column Extras { get; } = new();

    /// <inheritdoc cref="NewPair.Width"/>
    public ReadOnlySpan<int> Widths => CollectionsMarshal.AsSpan(_widths);

    /// <inheritdoc cref="NewPair.Height"/>
    public ReadOnlySpan<int> Heights => CollectionsMarshal.AsSpan(_heights);

    /// <inheritdoc cref="NewPair.Similarity"/>
    public ReadOnlySpan<float> Similarities => CollectionsMarshal.AsSpan(_similarities);

    /// <param name="index">From 0 to below <see cref="Count"/>.</param>
    public NewPair this[int index] => new()
    {
        Key = At(Keys, index),
        Caption = At(Captions, index),
        Image = At(Images, index),
        Url = At(Urls, index),
        Sha256 = At(Sha256s, index),
        Extra = At(Extras, index),
        Width = _widths[index],
        Height = _heights[index],
        Similarity = _similarities[index],
    };

    public void Add(in NewPair pair)
    {
        Keys.Add(pair.Key);
        Captions.Add(pair.Caption);
        Images.Add(pair.Image);
        Urls.Add(pair.Url);
        Sha256s.Add(pair.Sha256);
        Extras.Add(pair.Extra);
        AddNumbers(pair.Width, pair.Height, pair.Similarity);
    }

    /// <summary>Empties the batch, to be filled again; what it has grown to stays.</summary>
    internal void Clear(long firstRow)
    {
        FirstRow = firstRow;
        _widths.Clear();
        _heights.Clear();
        _similarities.Clear();
        foreach (var column in (ReadOnlySpan<Utf8Column>)[Keys, Captions, Images, Urls, Sha256s, Extras])
        {
            column.Clear();
        }
    }

    internal void AddNumbers(int width, int height, float similarity)
    {
        _widths.Add(width);
        _heights.Add(height);
        _similarities.Add(similarity);
    }

    // A column that was not read is shorter than the batch.
    private static ReadOnlySpan<byte> At(Utf8Column column, int index) => index < column.Count ? column[index] : default;
}
