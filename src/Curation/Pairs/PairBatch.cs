namespace Sightline.Curation;

/// <summary>
/// (image, caption) pairs by columns, as they stream through a curation run. Filled by one writer, then read by any.
/// </summary>
/// <param name="firstRow">Number of its first pair in the source, from 0: with the source, a pair's identity.</param>
public sealed class PairBatch(long firstRow)
{
    private readonly List<int> _widths = [];
    private readonly List<int> _heights = [];
    private readonly List<float> _similarities = [];

    public long FirstRow => firstRow;

    public int Count => Keys.Count;

    /// <summary>What the source calls the pair: its key, uid or id, or else its number.</summary>
    public Utf8Column Keys { get; } = new();

    public Utf8Column Captions { get; } = new();

    /// <summary>Where the image is: an address or a path; empty where it is not known.</summary>
    public Utf8Column Images { get; } = new();

    /// <summary>A pair as the filters see it.</summary>
    public Pair this[int row] => new(Captions[row], Images[row], _widths[row], _heights[row], _similarities[row]);

    /// <param name="width">Pixels; 0 where it is not known.</param>
    /// <param name="height">Pixels; 0 where it is not known.</param>
    /// <param name="similarity">Cosine of image and caption; NaN where it is not known.</param>
    internal void Add(ReadOnlySpan<byte> key, ReadOnlySpan<byte> caption, ReadOnlySpan<byte> image, int width, int height, float similarity)
    {
        Keys.Add(key);
        Captions.Add(caption);
        Images.Add(image);
        _widths.Add(width);
        _heights.Add(height);
        _similarities.Add(similarity);
    }
}

/// <summary>One pair. Texts are UTF-8.</summary>
/// <param name="caption">As the source has it.</param>
/// <param name="image">An address or a path; empty where it is not known.</param>
/// <param name="width">Pixels; 0 where it is not known.</param>
/// <param name="height">Pixels; 0 where it is not known.</param>
/// <param name="similarity">Cosine of image and caption; NaN where it is not known.</param>
public readonly ref struct Pair(ReadOnlySpan<byte> caption, ReadOnlySpan<byte> image, int width, int height, float similarity)
{
    public ReadOnlySpan<byte> Caption { get; } = caption;

    public ReadOnlySpan<byte> Image { get; } = image;

    public int Width { get; } = width;

    public int Height { get; } = height;

    public float Similarity { get; } = similarity;
}
