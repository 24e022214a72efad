namespace Sightline.Curation.Export;

/// <summary>An export cannot be made, continued or read; the message names the item and the cause.</summary>
public sealed class ExportException : Exception
{
    public ExportException(string message)
        : base(message)
    {
    }

    public ExportException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
