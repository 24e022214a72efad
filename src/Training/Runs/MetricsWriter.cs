using System.Text;

namespace Sightline.Training.Runs;

/// <summary>Appends to a run's <c>metrics.jsonl</c>. A line is with the operating system once it is written, and on the disk after
/// <see cref="Flush"/>.</summary>
internal sealed class MetricsWriter : IDisposable
{
    private readonly FileStream _file;

    internal MetricsWriter(RunFolder folder)
    {
        _file = new FileStream(folder.Metrics, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete, bufferSize: 0);
        DropCutLine();
    }

    internal void Write(MetricsRecord record) => _file.Write(Encoding.UTF8.GetBytes(record.ToJson() + "\n"));

    internal void Flush() => _file.Flush(flushToDisk: true);

    public void Dispose() => _file.Dispose();

    // A process that was killed while it wrote leaves half a line, which no reader has taken for one.
    private void DropCutLine()
    {
        var end = _file.Length;
        Span<byte> block = stackalloc byte[4096];
        while (end > 0)
        {
            var start = Math.Max(0, end - block.Length);
            _file.Position = start;
            var part = block[..(int)(end - start)];
            _file.ReadExactly(part);
            var newline = part.LastIndexOf((byte)'\n');
            end = newline < 0 ? start : start + newline + 1;
            if (newline >= 0)
            {
                break;
            }
        }

        if (end < _file.Length)
        {
            _file.SetLength(end);
        }

        _file.Position = end;
    }
}
