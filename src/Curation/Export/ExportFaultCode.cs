namespace Sightline.Curation.Export;

/// <summary>Why an image is not exported: the codes of an export's faults.</summary>
public static class ExportFaultCode
{
    /// <summary>The pair has no image that lies on this machine.</summary>
    public const string NoImage = "no_image";

    /// <summary>There is no such file.</summary>
    public const string Missing = "missing";

    /// <summary>The file cannot be opened or read.</summary>
    public const string Unreadable = "unreadable";

    /// <summary>The file has no bytes.</summary>
    public const string Empty = "empty";

    /// <summary>The tar or the file ends before the image does.</summary>
    public const string Cut = "cut";

    /// <summary>Its first bytes are those of no image format that is read.</summary>
    public const string NotAnImage = "not_an_image";

    /// <summary>Its bytes are not those that were measured.</summary>
    public const string Changed = "changed";

    /// <summary>A tar's member has less than 8 GiB.</summary>
    public const string TooLarge = "too_large";
}
