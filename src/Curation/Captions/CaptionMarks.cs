namespace Sightline.Curation;

/// <summary>What a caption holds that does not describe the image.</summary>
[Flags]
public enum CaptionMarks : uint
{
    None = 0,

    /// <summary>A web address, with a scheme or without.</summary>
    Url = 1,

    /// <summary>An e-mail address.</summary>
    Email = 2,

    /// <summary>HTML tags or entities, BBCode, wiki or Markdown links, or template braces.</summary>
    Markup = 4,

    /// <summary>A name such as <c>@someone</c>, or a tag such as <c>#sunset</c>.</summary>
    Handle = 8,

    /// <summary>A calendar date: a day of a month or a month of a year, in digits or words; a year alone is none.</summary>
    Date = 16,

    /// <summary>Words that stand under many images and describe none, such as "photographed on", "stock photo" or "click to enlarge".</summary>
    Boilerplate = 32,

    /// <summary>A file's name, such as IMG_1234.JPG or DSC00012.</summary>
    FileName = 64,
}
