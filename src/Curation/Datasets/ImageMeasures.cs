using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Sightline.Curation;

/// <summary>What is known of an image.</summary>
[Flags]
public enum ImageMeasured : ushort
{
    /// <summary>Nothing: it was not looked at, or not found.</summary>
    None = 0,

    /// <summary>Its file was read: <see cref="ImageMeasures.Sha256High"/>.</summary>
    Read = 1,

    /// <summary>Its pixels were: size, perceptual hash, sharpness, brightness, contrast, entropy.</summary>
    Pixels = 2,

    /// <summary>A model embedded it: the part's embeddings have its row.</summary>
    Embedding = 4,

    /// <summary>A model compared it with its caption.</summary>
    Similarity = 8,

    /// <summary>A model judged how much it is written text.</summary>
    TextLikeness = 16,

    /// <summary>Its file could not be read or decoded.</summary>
    Fault = 32,
}

/// <summary>What was measured of one image; stored as it lies in memory, little-endian. Zero where <see cref="Known"/> lacks the flag.</summary>
/// <remarks>A change of this layout or of what a field means raises <see cref="Version"/>.</remarks>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct ImageMeasures
{
    public const int Version = 1;

    /// <summary>Of the file: the first 16 bytes, the first of them highest.</summary>
    public UInt128 Sha256High { get; init; }

    /// <summary>The last 16 bytes.</summary>
    public UInt128 Sha256Low { get; init; }

    /// <summary>64 bits by which pictures that look alike differ in few (<see cref="Models.Images.PerceptualHash"/>).</summary>
    public ulong PerceptualHash { get; init; }

    /// <summary>Pixels of the full picture, turned upright.</summary>
    public int Width { get; init; }

    /// <inheritdoc cref="Width"/>
    public int Height { get; init; }

    /// <summary>Variance of the Laplacian of luma in [0, 255]; below about 50 looks blurred. This and the next three are measured after
    /// shrinking the longer side to 256 pixels (<see cref="Models.Images.ImageStatistics"/>); a smaller picture is not enlarged.</summary>
    public float Sharpness { get; init; }

    /// <summary>Mean luma, 0 to 1.</summary>
    public float Brightness { get; init; }

    /// <summary>Standard deviation of luma, 0 to 0.5.</summary>
    public float Contrast { get; init; }

    /// <summary>Shannon entropy of the histogram of luma, 0 to 8 bits.</summary>
    public float Entropy { get; init; }

    /// <summary>Cosine of image and caption.</summary>
    public float Similarity { get; init; }

    /// <summary>Probability that the image is mostly written text, 0 to 1, zero-shot.</summary>
    public float TextLikeness { get; init; }

    public ImageMeasured Known { get; init; }

    private readonly ushort _reserved;
    private readonly uint _alsoReserved;

    /// <param name="sha256">32 bytes.</param>
    public ImageMeasures WithSha256(ReadOnlySpan<byte> sha256) => this with
    {
        Sha256High = BinaryPrimitives.ReadUInt128BigEndian(sha256),
        Sha256Low = BinaryPrimitives.ReadUInt128BigEndian(sha256[16..]),
    };

    public bool Has(ImageMeasured what) => (Known & what) == what;
}
