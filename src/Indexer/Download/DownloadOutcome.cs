namespace Sightline.Indexer.Download;

/// <summary>What came of one address.</summary>
/// <param name="Status">success, failed_to_download, failed_to_verify or failed_to_resize, as img2dataset has them.</param>
/// <param name="Reason">A snake_case code; the status where it succeeded.</param>
/// <param name="Error">One sentence; null where it succeeded.</param>
internal sealed record DownloadOutcome(string Status, string Reason, string? Error)
{
    internal const string Success = "success";
    internal const string FailedToDownload = "failed_to_download";
    internal const string FailedToVerify = "failed_to_verify";
    internal const string FailedToResize = "failed_to_resize";

    /// <summary>The file to be stored.</summary>
    internal byte[] Image { get; init; } = [];

    /// <summary>Of <see cref="Image"/>; 0 where there is none.</summary>
    internal int Width { get; init; }

    internal int Height { get; init; }

    /// <summary>Of the picture as fetched, upright.</summary>
    internal int OriginalWidth { get; init; }

    internal int OriginalHeight { get; init; }

    /// <summary>A JSON object; null: the file has none.</summary>
    internal string? Exif { get; init; }

    /// <summary>Of the file as fetched; null: there is none.</summary>
    internal string? Sha256 { get; init; }
}
