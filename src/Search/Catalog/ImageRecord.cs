using Sightline.Models;
using Sightline.Models.Images;

namespace Sightline.Search;

public readonly record struct ImageId(long Value)
{
    public override string ToString() => Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}

public readonly record struct RootId(long Value);

/// <summary>Where a picture comes from. Generated pictures are never mistaken for photos (architecture, decision 8).</summary>
public enum Provenance
{
    Collected,
    Generated,
}

/// <summary>A folder that is indexed. Nothing outside the roots is read or served.</summary>
/// <param name="Exclude">Glob patterns, relative to the folder, of what is passed over.</param>
public sealed record RootFolder(RootId Id, string Path, IReadOnlyList<string> Exclude);

/// <summary>One file of the catalogue.</summary>
/// <param name="Path">Relative to the root folder, with <c>/</c>.</param>
/// <param name="Sha256">Of the file's bytes: equal for exact duplicates.</param>
/// <param name="MissingSince">Set while the file is not where it was.</param>
/// <param name="HiddenAt">Set while it is put aside.</param>
public sealed record ImageRecord(
    ImageId Id, RootId Root, string RootPath, string Path, byte[] Sha256, long Bytes, DateTimeOffset ModifiedAt, ImageMetadata Metadata,
    string? Caption, Provenance Provenance, DateTimeOffset AddedAt, DateTimeOffset? MissingSince, DateTimeOffset? HiddenAt)
{
    /// <summary>It can be searched for: its file was there when last looked for, and nobody put it aside.</summary>
    public bool IsPresent => MissingSince is null && HiddenAt is null;

    /// <summary>What it is dated by: when it was taken, else when the file was changed.</summary>
    public DateTimeOffset ShownAt => Metadata.TakenAt ?? ModifiedAt;

    public string FullPath => System.IO.Path.Combine(RootPath, Path);
}

/// <summary>A file to add or, where the path is known, to replace; its row and vector are written together.</summary>
public sealed record NewImage(
    RootId Root, string Path, byte[] Sha256, long Bytes, DateTimeOffset ModifiedAt, ImageMetadata Metadata, string? Caption,
    Provenance Provenance, Embedding Embedding);

/// <summary>What the catalogue last saw at a path: enough to tell whether a file has changed.</summary>
/// <param name="Reason">Null for a good picture; otherwise why the file gave none.</param>
/// <param name="Missing">The file was gone when last looked for.</param>
/// <param name="Embedded">It has a vector in the space asked for.</param>
public sealed record KnownFile(string Path, long Bytes, DateTimeOffset ModifiedAt, string? Reason, bool Missing, bool Embedded);

/// <summary>A file or folder that gave no picture, and why.</summary>
/// <param name="Reason">A snake_case code, as <see cref="ImageFault.Reason"/>, or one of the walk's: not_utf8_name, symlink_loop,
/// unreadable_folder.</param>
public sealed record FileFault(RootId Root, string Path, long Bytes, DateTimeOffset ModifiedAt, string Reason, string Detail,
    DateTimeOffset SeenAt);

/// <summary>Counts for the status line and for <c>sightline db status</c>.</summary>
/// <param name="Duplicates">Present images whose bytes another present image has too, beyond the first of each.</param>
public sealed record CatalogStatus(long Images, long Missing, long Duplicates, long Faults, long Embedded, long DatabaseBytes);
