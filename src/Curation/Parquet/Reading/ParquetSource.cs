namespace Sightline.Curation.Parquet;

/// <summary>The bytes of a file, by position. Several readers may share one.</summary>
internal sealed class ParquetSource(Stream stream, bool ownsStream) : IDisposable
{
    private readonly Lock _lock = new();

    internal long Length { get; } = stream.Length;

    public void Dispose()
    {
        if (ownsStream)
        {
            stream.Dispose();
        }
    }

    /// <exception cref="InvalidDataException">The file has become shorter since it was opened.</exception>
    internal void Read(long position, Span<byte> into)
    {
        lock (_lock)
        {
            stream.Position = position;
            var read = stream.ReadAtLeast(into, into.Length, throwOnEndOfStream: false);
            if (read < into.Length)
            {
                throw new InvalidDataException($"the file ends at byte {position + read}, while it is read.");
            }
        }
    }
}
