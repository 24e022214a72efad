using System.Text.Json;
using Sightline.Curation.Parquet;

namespace Sightline.Curation.Export;

/// <summary>What is found while an export is read back, by several threads.</summary>
internal sealed class CheckNotes
{
    private const int MostProblems = 100;

    private readonly Lock _lock = new();
    private readonly List<string> _problems = [];
    private long _problemCount;
    private RowSum _rows;
    private long _bytes;

    internal void Add(string problem)
    {
        lock (_lock)
        {
            _problemCount++;
            if (_problems.Count < MostProblems)
            {
                _problems.Add(problem);
            }
        }
    }

    internal void Require(bool condition, FormattableString problem)
    {
        if (!condition)
        {
            Add(FormattableString.Invariant(problem));
        }
    }

    internal void AddRows(RowSum rows)
    {
        lock (_lock)
        {
            _rows.Add(rows);
        }
    }

    internal void AddBytes(long bytes) => Interlocked.Add(ref _bytes, bytes);

    /// <summary>Reads a file; where it cannot be read, that is a problem of the file.</summary>
    internal void Read(string file, Action read)
    {
        try
        {
            read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException
            or ParquetException or JsonException or FormatException or InvalidOperationException or KeyNotFoundException)
        {
            Add($"{file} cannot be read back: {e.Message}");
        }
    }

    internal (long Pairs, string Rows) Rows => (_rows.Count, _rows.ToString());

    internal ExportCheck Finish(long pairs) => new(_problems, _problemCount, pairs, _bytes);
}
