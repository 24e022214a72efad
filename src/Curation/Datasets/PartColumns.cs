namespace Sightline.Curation;

/// <summary>What is read of a dataset's pairs. Sizes, similarities and row numbers always are; the rest is empty unless asked for.</summary>
[Flags]
public enum PartColumns
{
    None = 0,
    Keys = 1,
    Captions = 2,
    Images = 4,
    Urls = 8,
    Sha256s = 16,
    Extras = 32,

    /// <summary><see cref="CaptionFacts"/>.</summary>
    Facts = 64,

    /// <summary><see cref="ImageMeasures"/>.</summary>
    Measures = 128,

    /// <summary>The images' embeddings.</summary>
    Embeddings = 256,

    Texts = Keys | Captions | Images | Urls | Sha256s | Extras,
}
