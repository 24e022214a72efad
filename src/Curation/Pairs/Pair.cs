namespace Sightline.Curation;

/// <summary>One pair as the filters see it: what its source says, and what was counted and measured of it. Texts are UTF-8.</summary>
public readonly ref struct Pair
{
    private readonly ref readonly CaptionFacts _facts;
    private readonly ref readonly ImageMeasures _image;

    /// <param name="source">What the source says.</param>
    /// <param name="facts">Of its caption.</param>
    /// <param name="image">Of its image; all zero where it was not measured.</param>
    public Pair(NewPair source, in CaptionFacts facts, in ImageMeasures image)
    {
        Key = source.Key;
        Caption = source.Caption;
        Image = source.Image;
        Url = source.Url;
        Sha256 = source.Sha256;
        Width = image.Width > 0 ? image.Width : source.Width;
        Height = image.Height > 0 ? image.Height : source.Height;
        Similarity = image.Has(ImageMeasured.Similarity) ? image.Similarity : source.Similarity;
        _facts = ref facts;
        _image = ref image;
    }

    /// <inheritdoc cref="NewPair.Key"/>
    public ReadOnlySpan<byte> Key { get; }

    /// <inheritdoc cref="NewPair.Caption"/>
    public ReadOnlySpan<byte> Caption { get; }

    /// <inheritdoc cref="NewPair.Image"/>
    public ReadOnlySpan<byte> Image { get; }

    /// <inheritdoc cref="NewPair.Url"/>
    public ReadOnlySpan<byte> Url { get; }

    /// <inheritdoc cref="NewPair.Sha256"/>
    public ReadOnlySpan<byte> Sha256 { get; }

    /// <summary>Pixels, as measured or else as the source says; 0 where it is not known.</summary>
    public int Width { get; }

    /// <inheritdoc cref="Width"/>
    public int Height { get; }

    /// <summary>Cosine of image and caption, as measured or else as the source says; NaN where it is not known.</summary>
    public float Similarity { get; }

    public ref readonly CaptionFacts Facts => ref _facts;

    public ref readonly ImageMeasures Measures => ref _image;
}
