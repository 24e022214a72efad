namespace Sightline.Curation.Import;

internal enum TarStep
{
    Member,

    /// <summary>Something that is no plain file and can be passed over: a folder, or what the reason says.</summary>
    Skipped,

    /// <summary>The end, as the shard says.</summary>
    End,

    /// <summary>The shard is cut short, or damaged: nothing can be read beyond.</summary>
    Broken,
}

/// <summary>What the reader of a tar came to.</summary>
/// <param name="Name">Of the member, as it is written there; what is not UTF-8 becomes U+FFFD.</param>
/// <param name="Header">Byte at which it begins.</param>
/// <param name="Offset">Byte at which its data begins.</param>
/// <param name="Length">Bytes of data.</param>
/// <param name="Reason">A fault's; null where there is none.</param>
internal readonly record struct TarMember(
    TarStep Step, string Name, long Header, long Offset, long Length, string? Reason = null, string Detail = "");
