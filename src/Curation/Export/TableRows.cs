using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Sightline.Curation.Parquet;

namespace Sightline.Curation.Export;

/// <summary>Reads tables of an export back: the rows of the pairs in them.</summary>
/// <exception cref="InvalidDataException">Thrown while the rows are taken: the file is not what was written.</exception>
internal static partial class TableRows
{
    private const int CsvFields = 10;

    internal static IEnumerable<long> OfJsonLines(string path)
    {
        using var file = File.OpenRead(path);
        var isPacked = path.EndsWith(".gz", StringComparison.Ordinal);
        using var lines = new StreamReader(isPacked ? new GZipStream(file, CompressionMode.Decompress) : file);
        while (lines.ReadLine() is { } line)
        {
            using var fields = JsonDocument.Parse(line);
            yield return fields.RootElement.GetProperty("row").GetInt64();
        }
    }

    internal static IEnumerable<long> OfParquet(string path, CancellationToken cancellationToken)
    {
        using var file = ParquetFile.Open(path);

        // All columns: a page that is damaged is noticed.
        foreach (var row in file.ReadRows(null, cancellationToken))
        {
            yield return row.Int64(0)!.Value;
        }
    }

    internal static IEnumerable<long> OfCsv(string path)
    {
        using var file = new StreamReader(path);
        var isHeader = true;
        foreach (var record in CsvRecords(file))
        {
            if (!isHeader)
            {
                yield return record.Count == CsvFields
                    ? long.Parse(record[0], CultureInfo.InvariantCulture)
                    : throw new InvalidDataException($"a record has {record.Count} fields, not {CsvFields}: {string.Join(',', record)}");
            }

            isHeader = false;
        }
    }

    /// <summary>Annotations; each is of an image of the file, and each image has one.</summary>
    internal static IEnumerable<long> OfCoco(string path)
    {
        var images = new Dictionary<long, bool>();
        var isAnnotations = false;
        foreach (var line in File.ReadLines(path).Skip(1))
        {
            if (line.StartsWith(']'))
            {
                isAnnotations = true;
                continue;
            }

            using var fields = JsonDocument.Parse(line.TrimEnd(','));
            var id = fields.RootElement.GetProperty("id").GetInt64();
            if (!isAnnotations)
            {
                images.Add(id, false);
                continue;
            }

            var image = fields.RootElement.GetProperty("image_id").GetInt64();
            images[image] = images.ContainsKey(image)
                ? true
                : throw new InvalidDataException($"annotation {id} is of an image {image} that is not there.");
            yield return id - 1;
        }

        if (images.ContainsValue(false))
        {
            throw new InvalidDataException($"image {images.First(i => !i.Value).Key} has no caption.");
        }
    }

    /// <summary>How many uids a subset file has; they are sorted, and each is there once.</summary>
    internal static long CountUids(string path)
    {
        using var file = new FileStream(path, new FileStreamOptions { BufferSize = 1 << 16 });
        Span<byte> header = stackalloc byte[UidTable.HeaderLength];
        file.ReadExactly(header);
        var match = Shape().Match(Encoding.ASCII.GetString(header[10..]));
        var count = match.Success ? long.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) : -1;
        if (file.Length != UidTable.HeaderLength + (16 * count))
        {
            throw new InvalidDataException($"its header says {match.Value}, and it has {file.Length} bytes.");
        }

        Span<byte> bytes = stackalloc byte[16];
        var last = UInt128.Zero;
        for (var i = 0L; i < count; i++)
        {
            file.ReadExactly(bytes);
            var uid = new UInt128(BinaryPrimitives.ReadUInt64LittleEndian(bytes), BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]));
            if (i > 0 && uid <= last)
            {
                throw new InvalidDataException($"uid {i} is not above the one before.");
            }

            last = uid;
        }

        return count;
    }

    /// <summary>All rows are there in order; those that are kept; the others by reason.</summary>
    internal static (long Rows, RowSum Kept, Dictionary<string, long> Reasons) CountVerdicts(
        string path, CancellationToken cancellationToken)
    {
        using var file = ParquetFile.Open(path);
        var (rows, kept, reasons) = (0L, default(RowSum), new Dictionary<string, long>());
        foreach (var row in file.ReadRows(["row", "verdict", "reason"], cancellationToken))
        {
            if (row.Int64(0) != rows++)
            {
                throw new InvalidDataException($"row {row.Int64(0)} stands where {rows - 1} should be.");
            }

            if (row.Text(1) == VerdictTable.Keep)
            {
                kept.Add(rows - 1);
                continue;
            }

            var reason = row.Text(2) ?? throw new InvalidDataException($"row {rows - 1} is dropped without a reason.");
            reasons[reason] = reasons.GetValueOrDefault(reason) + 1;
        }

        return (rows, kept, reasons);
    }

    /// <summary>RFC 4180, with lines that a line feed ends.</summary>
    private static IEnumerable<List<string>> CsvRecords(StreamReader file)
    {
        var (record, field, isQuoted) = (new List<string>(), new StringBuilder(), false);
        for (int next; (next = file.Read()) >= 0;)
        {
            var c = (char)next;
            if (isQuoted)
            {
                isQuoted = c != '"' || file.Peek() == '"';
                if (isQuoted)
                {
                    field.Append(c == '"' ? (char)file.Read() : c);
                }
            }
            else if (c == '"')
            {
                isQuoted = true;
            }
            else if (c is ',' or '\n')
            {
                record.Add(field.ToString());
                field.Clear();
                if (c == '\n')
                {
                    yield return record;
                    record = [];
                }
            }
            else
            {
                field.Append(c);
            }
        }

        if (isQuoted || field.Length > 0 || record.Count > 0)
        {
            throw new InvalidDataException("its last record has no end.");
        }
    }

    [GeneratedRegex(@"^\{'descr': \[\('f0', '<u8'\), \('f1', '<u8'\)\], 'fortran_order': False, 'shape': \((\d+),\), \} *\n$")]
    private static partial Regex Shape();
}
