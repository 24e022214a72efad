namespace Sightline.Curation.Export;

/// <summary>Opens files that are read once, from their beginning to their end, in pieces that are large already.</summary>
internal static class SequentialFile
{
    internal static FileStream Open(string path) =>
        new(path, new FileStreamOptions { BufferSize = 0, Options = FileOptions.SequentialScan });
}
