using System.Text.Json;

namespace Sightline.Training.Data;

internal enum PackOutcome
{
    /// <summary>Its pixels are the next in the file.</summary>
    Packed,

    /// <summary>It is, byte by byte, another picture.</summary>
    Joined,

    /// <summary>It is on the other side of the share that is held out.</summary>
    OtherPart,

    Fault,
}

/// <summary>What became of a picture: a line of the journal.</summary>
/// <param name="File">SHA-256 of its encoded bytes; null where they could not be read.</param>
/// <param name="Pixels">SHA-256 of its packed pixels.</param>
/// <param name="Same">Number of the packed picture that it is; -1 where that is on the other side of what is held out.</param>
internal sealed record PackEntry(
    PackOutcome Outcome, string? File = null, string? Pixels = null, int Same = 0, string Reason = "", string Detail = "");

/// <summary>A line a picture in the source's order, by which packing that was killed goes on.</summary>
internal sealed class PackJournal : IDisposable
{
    private readonly FileStream _stream;

    private PackJournal(FileStream stream) => _stream = stream;

    /// <summary>Opens a journal to add to it.</summary>
    /// <param name="entries">What is there; a line that was cut short, and what follows it, is taken away.</param>
    internal static PackJournal Open(string path, out List<PackEntry> entries)
    {
        entries = [];
        var stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        var at = 0;
        for (int length; (length = bytes.AsSpan(at).IndexOf((byte)'\n')) >= 0; at += length + 1)
        {
            if (Parse(bytes.AsSpan(at, length)) is not { } entry)
            {
                break;
            }

            entries.Add(entry);
        }

        stream.SetLength(at);
        stream.Position = at;
        return new PackJournal(stream);
    }

    /// <summary>Takes away what comes after a number of entries.</summary>
    internal void Truncate(IEnumerable<PackEntry> kept)
    {
        _stream.SetLength(0);
        Add(kept);
    }

    internal void Add(IEnumerable<PackEntry> entries)
    {
        using var lines = new MemoryStream();
        foreach (var entry in entries)
        {
            JsonSerializer.Serialize(lines, entry);
            lines.WriteByte((byte)'\n');
        }

        _stream.Write(lines.GetBuffer(), 0, (int)lines.Length);
        _stream.Flush();
    }

    public void Dispose() => _stream.Dispose();

    private static PackEntry? Parse(ReadOnlySpan<byte> line)
    {
        try
        {
            return JsonSerializer.Deserialize<PackEntry>(line);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
