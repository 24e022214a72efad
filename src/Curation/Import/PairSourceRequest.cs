namespace Sightline.Curation.Import;

/// <summary>Which pairs are to be read.</summary>
/// <param name="Path">Absolute: a file, a folder, or a pattern of files: <c>*</c> and <c>?</c> within names, <c>{00000..00010}</c> for a
/// range of numbers, <c>{a,b}</c> for a choice.</param>
public sealed record PairSourceRequest(string Path)
{
    /// <summary>One of <see cref="PairSources.Formats"/>; null: told from the files.</summary>
    public string? Format { get; init; }

    /// <summary>
    /// What the source calls a column, where that is not one of the usual names (<see cref="PairColumns"/>), or not the one that is wanted.
    /// In tables without a header, the column's number, from 1.
    /// </summary>
    public IReadOnlyDictionary<PairColumn, string> Columns { get; init; } = new Dictionary<PairColumn, string>();

    /// <summary>Absolute: what paths of images are relative to, and must lie in. Null: the folder of the file that names them; for COCO,
    /// guessed. See <see cref="PairSources.FindImageFolder"/>.</summary>
    public string? ImageFolder { get; init; }

    /// <summary>Null: the files are no export of Sightline's own. Found when the source is opened.</summary>
    internal OwnExport? Export { get; init; }

    /// <summary>Whether what has no caption is a pair with an empty one, not a fault.</summary>
    public bool KeepUncaptioned { get; init; }
}
