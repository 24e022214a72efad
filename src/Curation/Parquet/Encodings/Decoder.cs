namespace Sightline.Curation.Parquet;

/// <summary>Decodes the values of one page, from the first to the last; nulls are not among them.</summary>
internal abstract class Decoder<T>
    where T : unmanaged
{
    /// <exception cref="InvalidDataException">The page has fewer values, or is damaged.</exception>
    internal abstract void Read(Span<T> into);

    private protected static InvalidDataException TooShort() => new("the page ends before its last value.");
}
