namespace Sightline.Curation.Import;

/// <summary>A file of a source cannot be read, or the source is none; the message names the file and the cause.</summary>
public sealed class PairSourceException : IOException
{
    public PairSourceException(string message)
        : base(message)
    {
    }

    public PairSourceException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
