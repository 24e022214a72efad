using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Sightline.Curation;

/// <summary>A file of records of one fixed size, as they lie in memory: magic, version, size and number of records, then the records.</summary>
internal static class RecordFile
{
    private const int HeaderLength = 16;
    private const int Buffered = 4_096;

    private static ReadOnlySpan<byte> Magic => "SLRC"u8;

    /// <summary>Replaces the file in one step: a reader finds the old records or the new ones.</summary>
    internal static void Write<T>(string path, int version, ReadOnlySpan<T> records)
        where T : unmanaged
    {
        using var file = AtomicFile.Create(path);
        WriteHeader<T>(file.Stream, version, records.Length);
        file.Stream.Write(MemoryMarshal.AsBytes(records));
        file.Commit();
    }

    internal static void WriteHeader<T>(Stream stream, int version, int count)
        where T : unmanaged
    {
        Span<byte> header = stackalloc byte[HeaderLength];
        Magic.CopyTo(header);
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], version);
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], Unsafe.SizeOf<T>());
        BinaryPrimitives.WriteInt32LittleEndian(header[12..], count);
        stream.Write(header);
    }

    /// <summary>Null where there is no such file, or one of another version: it is to be made anew.</summary>
    /// <exception cref="InvalidDataException">The file is damaged; says how.</exception>
    internal static T[]? Read<T>(string path, int version)
        where T : unmanaged
    {
        using var file = Open<T>(path, version, out var count);
        if (file is null)
        {
            return null;
        }

        var records = GC.AllocateUninitializedArray<T>(count);
        file.ReadExactly(MemoryMarshal.AsBytes(records.AsSpan()));
        return records;
    }

    /// <summary>The records one after the other; memory does not grow with them. None where <see cref="Read{T}(string, int)"/> gives
    /// null.</summary>
    /// <inheritdoc cref="Read{T}(string, int)"/>
    internal static IEnumerable<T> ReadEach<T>(string path, int version)
        where T : unmanaged
    {
        using var file = Open<T>(path, version, out var count);
        var records = new T[Math.Min(count, Buffered)];
        for (var left = count; left > 0 && file is not null; left -= records.Length)
        {
            var some = records.AsMemory(0, Math.Min(left, records.Length));
            file.ReadExactly(MemoryMarshal.AsBytes(some.Span));
            for (var i = 0; i < some.Length; i++)
            {
                yield return records[i];
            }
        }
    }

    /// <summary>How many records there are; null as for <see cref="Read{T}(string, int)"/>.</summary>
    /// <inheritdoc cref="Read{T}(string, int)"/>
    internal static int? Count<T>(string path, int version)
        where T : unmanaged
    {
        using var file = Open<T>(path, version, out var count);
        return file is null ? null : count;
    }

    /// <summary>Reads some records, and none of the others.</summary>
    /// <param name="places">Each from 0 to below the number of records.</param>
    /// <inheritdoc cref="Read{T}(string, int)"/>
    internal static T[]? Read<T>(string path, int version, IReadOnlyList<int> places)
        where T : unmanaged
    {
        using var file = Open<T>(path, version, out var count);
        if (file is null)
        {
            return null;
        }

        var records = new T[places.Count];
        for (var i = 0; i < records.Length; i++)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)places[i], (uint)count, nameof(places));
            file.Position = HeaderLength + ((long)places[i] * Unsafe.SizeOf<T>());
            file.ReadExactly(MemoryMarshal.AsBytes(records.AsSpan(i, 1)));
        }

        return records;
    }

    // Stands at the first record; null where there is no file of this version.
    private static FileStream? Open<T>(string path, int version, out int count)
        where T : unmanaged
    {
        count = 0;
        if (!File.Exists(path))
        {
            return null;
        }

        var file = new FileStream(path, new FileStreamOptions { BufferSize = 0, Options = FileOptions.SequentialScan });
        try
        {
            if (TryReadHeader<T>(file, path, version, out count))
            {
                return file;
            }
        }
        catch
        {
            file.Dispose();
            throw;
        }

        file.Dispose();
        return null;
    }

    private static bool TryReadHeader<T>(FileStream file, string path, int version, out int count)
        where T : unmanaged
    {
        count = 0;
        Span<byte> header = stackalloc byte[HeaderLength];
        var read = file.ReadAtLeast(header, HeaderLength, throwOnEndOfStream: false);
        if (read < HeaderLength || !header.StartsWith(Magic))
        {
            throw new InvalidDataException($"{path} is no file of records: its first {HeaderLength} bytes are {Convert.ToHexString(header[..read])}.");
        }

        if (BinaryPrimitives.ReadInt32LittleEndian(header[4..]) != version)
        {
            return false;
        }

        (var size, count) = (BinaryPrimitives.ReadInt32LittleEndian(header[8..]), BinaryPrimitives.ReadInt32LittleEndian(header[12..]));
        if (size != Unsafe.SizeOf<T>() || count < 0 || file.Length != HeaderLength + (long)size * count)
        {
            throw new InvalidDataException($"{path} claims {count} records of {size} bytes in {file.Length} bytes: it is damaged. Delete it to have it made anew.");
        }

        return true;
    }
}
