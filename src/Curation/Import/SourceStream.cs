namespace Sightline.Curation.Import;

/// <summary>A text file of a source from its start to its end, unpacked if it is gzip. What the disk has to say comes out as
/// <see cref="PairSourceException"/>, damage of the compression as <see cref="InvalidDataException"/>.</summary>
internal sealed class SourceStream : IDisposable
{
    private readonly string _path;
    private readonly FileStream _file;
    private readonly Stream _text;

    private SourceStream(string path, FileStream file, Stream text) => (_path, _file, _text) = (path, file, text);

    /// <summary>Bytes of the file that were read, packed as they are.</summary>
    internal long Position => _file.Position;

    internal static SourceStream Open(string path)
    {
        var file = OpenFile(path);
        try
        {
            Span<byte> start = stackalloc byte[2];
            var read = file.ReadAtLeast(start, 2, throwOnEndOfStream: false);
            file.Position = 0;
            if (read == 2 && (start.SequenceEqual((ReadOnlySpan<byte>)[0xFF, 0xFE])
                || start.SequenceEqual((ReadOnlySpan<byte>)[0xFE, 0xFF])))
            {
                throw new PairSourceException($"{path} is UTF-16: convert it to UTF-8 (iconv -f UTF-16 -t UTF-8).");
            }

            var isPacked = read == 2 && start.SequenceEqual((ReadOnlySpan<byte>)[0x1F, 0x8B]);
            return new SourceStream(path, file, isPacked ? new PackedStream(file) : file);
        }
        catch (IOException e) when (e is not PairSourceException)
        {
            file.Dispose();
            throw Unreadable(path, e);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>A pipe or a device counts as empty, and is not opened: its reading might never end.</summary>
    internal static FileStream OpenFile(string path)
    {
        try
        {
            if (Export.UnixFile.IsSpecial(path) || new FileInfo(path).Length == 0)
            {
                throw new PairSourceException($"{path} is empty.");
            }

            return new FileStream(path, new FileStreamOptions { BufferSize = 0, Options = FileOptions.SequentialScan });
        }
        catch (Exception e) when (e is UnauthorizedAccessException || (e is IOException && e is not PairSourceException))
        {
            throw Unreadable(path, e);
        }
    }

    internal static PairSourceException Unreadable(string path, Exception e) => e is FileNotFoundException or DirectoryNotFoundException
        ? new PairSourceException($"{path} is not there.", e)
        : new PairSourceException($"{path} cannot be read: {e.Message}", e);

    /// <summary>0 at the end.</summary>
    internal int Read(Span<byte> buffer)
    {
        try
        {
            return _text.Read(buffer);
        }
        catch (IOException e)
        {
            throw Unreadable(_path, e);
        }
    }

    public void Dispose()
    {
        _text.Dispose();
        _file.Dispose();
    }
}
