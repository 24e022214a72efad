using System.Text.Json.Serialization;

namespace Sightline.Curation;

/// <summary>What becomes of a fetched image's size; the names are img2dataset's.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ResizeMode>))]
public enum ResizeMode
{
    /// <summary>It is kept; a file in the right format is kept to the byte.</summary>
    None,

    /// <summary>The longer side becomes the size.</summary>
    KeepRatioLargest,

    /// <summary>The shorter side becomes the size.</summary>
    KeepRatioSmallest,

    /// <summary>As <see cref="KeepRatioLargest"/>, then padded with white to a square.</summary>
    Border,

    /// <summary>As <see cref="KeepRatioSmallest"/>, then cut to the middle square.</summary>
    CenterCrop,
}

/// <summary>
/// Arguments of a job of kind <see cref="Kind"/>: fetch the images of a dataset whose pairs have addresses into WebDataset shards in
/// img2dataset's layout.
/// </summary>
/// <param name="Folder">The dataset's own folder, absolute.</param>
/// <param name="Output">Absolute; made where it is not there. One that holds the beginning of the same download is gone on with.</param>
public sealed record DownloadRequest(string Folder, string Output)
{
    public const string Kind = "download images";

    /// <summary>Addresses under way at once, 1 to 1,024; null: 32, or 8 a core where that is fewer.</summary>
    public int? Concurrency { get; init; }

    /// <summary>Addresses of one host under way at once, 1 to 1,024.</summary>
    public int PerHost { get; init; } = 4;

    /// <summary>Longest file.</summary>
    public long MaxBytes { get; init; } = 32 << 20;

    /// <summary>Of one try, from the call to the last byte, redirects included; 1 to 3,600.</summary>
    public double TimeoutSeconds { get; init; } = 15;

    /// <summary>Tries after the first, where the failure may pass; 0 to 20.</summary>
    public int Retries { get; init; } = 2;

    /// <summary>0 to 20.</summary>
    public int Redirects { get; init; } = 5;

    /// <summary>Fetch also what servers forbid by X-Robots-Tag: noai, noimageai, noindex or noimageindex.</summary>
    public bool IgnoreOptOut { get; init; }

    public ResizeMode Resize { get; init; }

    /// <summary>Pixels, 1 to 8,192.</summary>
    public int Size { get; init; } = 256;

    /// <summary>Smaller images are enlarged to the size.</summary>
    public bool Enlarge { get; init; }

    /// <summary>jpg, png or webp.</summary>
    public string Format { get; init; } = "jpg";

    /// <summary>1 to 100, of jpg and webp.</summary>
    public int Quality { get; init; } = 95;

    /// <exception cref="ArgumentException">A setting is out of range; names it.</exception>
    public void Check()
    {
        Check("Folder", Path.IsPathRooted(Folder), Folder);
        Check("Output", Path.IsPathRooted(Output), Output);
        Check("Concurrency", Concurrency is null or (>= 1 and <= 1_024), Concurrency);
        Check("PerHost", PerHost is >= 1 and <= 1_024, PerHost);
        Check("MaxBytes", MaxBytes is >= 1 and <= 1 << 30, MaxBytes);
        Check("TimeoutSeconds", TimeoutSeconds is >= 1 and <= 3_600, TimeoutSeconds);
        Check("Retries", Retries is >= 0 and <= 20, Retries);
        Check("Redirects", Redirects is >= 0 and <= 20, Redirects);
        Check("Resize", Enum.IsDefined(Resize), Resize);
        Check("Size", Size is >= 1 and <= 8_192, Size);
        Check("Format", Format is "jpg" or "png" or "webp", Format);
        Check("Quality", Quality is >= 1 and <= 100, Quality);
    }

    private static void Check(string name, bool holds, object? value)
    {
        if (!holds)
        {
            throw new ArgumentException($"{name} cannot be {value}.");
        }
    }
}
