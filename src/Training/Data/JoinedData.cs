using System.Security.Cryptography;
using System.Text;

namespace Sightline.Training.Data;

/// <summary>Several sources as one, one after the other; classes of one name are one class.</summary>
internal sealed class JoinedData : ITrainingData
{
    private readonly IReadOnlyList<ITrainingData> _parts;
    private readonly int[] _starts;
    private readonly int[][] _labels;

    /// <param name="parts">At least one, of one side; disposed with this.</param>
    internal JoinedData(IReadOnlyList<ITrainingData> parts)
    {
        _parts = parts;
        _starts = new int[parts.Count + 1];
        for (var i = 0; i < parts.Count; i++)
        {
            _starts[i + 1] = checked(_starts[i] + parts[i].Count);
        }

        // One source keeps its own order of classes, which a table may give.
        Labels = parts.Count == 1 ? parts[0].Labels
            : [.. parts.SelectMany(p => p.Labels).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        var numbers = Labels.Select((name, i) => (name, i)).ToDictionary(l => l.name, l => l.i, StringComparer.Ordinal);
        _labels = [.. parts.Select(p => p.Labels.Select(l => numbers[l]).ToArray())];
        Digest = parts.Count == 1 ? parts[0].Digest
            : Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(string.Join('\n', parts.Select(p => p.Digest)))));
    }

    public int Count => _starts[^1];

    public IReadOnlyList<string> Labels { get; }

    /// <summary>Of several sources: SHA-256 over theirs.</summary>
    public string Digest { get; }

    public int Side => _parts[0].Side;

    public TrainingSample this[int index]
    {
        get
        {
            var part = PartOf(index);
            var sample = _parts[part][index - _starts[part]];
            return sample with { Source = part, Label = sample.Label < 0 ? -1 : _labels[part][sample.Label] };
        }
    }

    public void ReadPixels(int index, Span<byte> pixels)
    {
        var part = PartOf(index);
        _parts[part].ReadPixels(index - _starts[part], pixels);
    }

    public void Dispose()
    {
        foreach (var part in _parts)
        {
            part.Dispose();
        }
    }

    private int PartOf(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
        var part = 0;
        while (index >= _starts[part + 1])
        {
            part++;
        }

        return part;
    }
}
