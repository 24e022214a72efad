using System.Text;

namespace Sightline.Curation;

/// <summary>Texts of a batch as UTF-8, one after the other. Grows while it is filled, is read-only afterwards.</summary>
public sealed class Utf8Column
{
    private byte[] _bytes = new byte[4096];
    private int[] _ends = new int[64];

    public int Count { get; private set; }

    /// <summary>The text of a row; empty where there is none.</summary>
    public ReadOnlySpan<byte> this[int row]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)Count, nameof(row));
            var start = row == 0 ? 0 : _ends[row - 1];
            return _bytes.AsSpan(start, _ends[row] - start);
        }
    }

    public string Text(int row) => Encoding.UTF8.GetString(this[row]);

    internal void Clear() => Count = 0;

    /// <summary>Makes room for so many texts more, of so many bytes together.</summary>
    internal void Reserve(int texts, long bytes)
    {
        var used = Count == 0 ? 0 : _ends[Count - 1];
        if (Count + texts > _ends.Length)
        {
            Array.Resize(ref _ends, Count + texts);
        }

        if (used + bytes > _bytes.Length)
        {
            Grow(used, checked((int)(used + bytes)));
        }
    }

    internal void Add(ReadOnlySpan<byte> text)
    {
        var start = Count == 0 ? 0 : _ends[Count - 1];
        if (start + text.Length > _bytes.Length)
        {
            Grow(start, start + text.Length);
        }

        if (Count == _ends.Length)
        {
            Array.Resize(ref _ends, 2 * Count);
        }

        text.CopyTo(_bytes.AsSpan(start));
        _ends[Count++] = start + text.Length;
    }

    private void Grow(int used, int least)
    {
        var bytes = GC.AllocateUninitializedArray<byte>((int)Math.Min(Math.Max(2L * _bytes.Length, least), Array.MaxLength));
        _bytes.AsSpan(0, used).CopyTo(bytes);
        _bytes = bytes;
    }
}
