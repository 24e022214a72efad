namespace Sightline.Curation;

/// <summary>A pair as a source tells it. Texts are UTF-8 and empty where the source says nothing.</summary>
public ref struct NewPair
{
    public NewPair()
    {
    }

    /// <summary>What the source calls the pair: its key, uid or id, or else its number.</summary>
    public ReadOnlySpan<byte> Key { get; init; }

    /// <summary>As the source has it.</summary>
    public ReadOnlySpan<byte> Caption { get; init; }

    /// <summary>Where the image's file is, as <see cref="ImageLocation"/> writes it.</summary>
    public ReadOnlySpan<byte> Image { get; init; }

    /// <summary>Where the image came from, or can be fetched.</summary>
    public ReadOnlySpan<byte> Url { get; init; }

    /// <summary>Of the image's file: 64 hexadecimal digits in lower case.</summary>
    public ReadOnlySpan<byte> Sha256 { get; init; }

    /// <summary>What else the source says of the pair: a JSON object.</summary>
    public ReadOnlySpan<byte> Extra { get; init; }

    /// <summary>Pixels, of the original image where the source knows it; 0 where it is not known.</summary>
    public int Width { get; init; }

    /// <inheritdoc cref="Width"/>
    public int Height { get; init; }

    /// <summary>Cosine of image and caption by CLIP; NaN where it is not known.</summary>
    public float Similarity { get; init; } = float.NaN;
}
