namespace Sightline.Curation;

/// <summary>A file that is there whole or not at all: written beside its place, flushed to the disk, and renamed.</summary>
internal sealed class AtomicFile : IDisposable
{
    private const string Unfinished = ".unfinished";

    private readonly string _path;
    private bool _isCommitted;

    private AtomicFile(string path)
    {
        _path = path;
        Stream = new FileStream(path + Unfinished, new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.ReadWrite,
            BufferSize = 1 << 16,
        });
    }

    internal FileStream Stream { get; }

    internal static AtomicFile Create(string path) => new(path);

    internal static void WriteText(string path, string text)
    {
        using var file = Create(path);
        file.Stream.Write(System.Text.Encoding.UTF8.GetBytes(text));
        file.Commit();
    }

    /// <summary>Puts the file in its place, over another that may be there.</summary>
    internal void Commit()
    {
        Stream.Flush(flushToDisk: true);
        Stream.Dispose();
        File.Move(_path + Unfinished, _path, overwrite: true);
        _isCommitted = true;
    }

    /// <summary>Without <see cref="Commit"/> before, nothing is left.</summary>
    public void Dispose()
    {
        if (!_isCommitted)
        {
            try
            {
                Stream.Dispose();
            }
            finally
            {
                // Where the disk is full, what is still to be written fails once more.
                File.Delete(_path + Unfinished);
            }
        }
    }
}
