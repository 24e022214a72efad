using System.Collections.Concurrent;

namespace Sightline.Search;

/// <summary>
/// The facts of all images that are in an index, by id. One writer follows the catalogue; readers take no lock: a block is replaced, never
/// changed.
/// </summary>
internal sealed class FactTable
{
    private const int BlockSize = 64;

    private volatile ConcurrentDictionary<long, Block> _blocks = new();
    private long _version;

    internal NameTable Folders { get; private init; } = new();

    internal NameTable Cameras { get; private init; } = new();

    internal NameTable Formats { get; private init; } = new();

    /// <summary>Grows with each change: what was computed for one version holds as long as the number stays.</summary>
    internal long Version => Volatile.Read(ref _version);

    /// <summary>An empty table, to be filled and to <see cref="Become"/>.</summary>
    internal FactTable Renewed() => new() { Folders = Folders, Cameras = Cameras, Formats = Formats };

    internal void Become(FactTable renewed)
    {
        _blocks = renewed._blocks;
        Volatile.Write(ref _version, _version + 1);
    }

    internal void Set(ImageId image, ImageRow row)
    {
        var facts = new ImageFacts(
            Folders.NumberOf(row.Folder), DateOf(row.ShownAt), row.Bytes, row.Width, row.Height,
            Cameras.NumberOf(row.Camera ?? ""), Formats.NumberOf(row.Format), row.HasCaption, row.IsGenerated);
        var (block, bit) = (_blocks.GetValueOrDefault(image.Value / BlockSize) ?? Block.Empty, (int)(image.Value % BlockSize));
        var all = (ImageFacts[])block.Facts.Clone();
        all[bit] = facts;
        _blocks[image.Value / BlockSize] = new Block(block.Present | 1ul << bit, all);
        Volatile.Write(ref _version, _version + 1);
    }

    /// <summary>A date as <see cref="ImageFacts.ShownAt"/> has it.</summary>
    internal static long DateOf(DateTimeOffset date) => (date - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    internal void Remove(ImageId image)
    {
        if (_blocks.TryGetValue(image.Value / BlockSize, out var block))
        {
            _blocks[image.Value / BlockSize] = block with { Present = block.Present & ~(1ul << (int)(image.Value % BlockSize)) };
            Volatile.Write(ref _version, _version + 1);
        }
    }

    internal ImageFacts? Find(ImageId image) =>
        _blocks.TryGetValue(image.Value / BlockSize, out var block) && (block.Present >> (int)(image.Value % BlockSize) & 1) != 0
            ? block.Facts[image.Value % BlockSize]
            : null;

    internal IEnumerable<(ImageId Image, ImageFacts Facts)> All()
    {
        foreach (var (number, block) in _blocks)
        {
            for (var rest = block.Present; rest != 0; rest &= rest - 1)
            {
                var bit = System.Numerics.BitOperations.TrailingZeroCount(rest);
                yield return (new ImageId(number * BlockSize + bit), block.Facts[bit]);
            }
        }
    }

    /// <summary>The images for which a test holds.</summary>
    internal ImageSet Where(FactTest test)
    {
        var bits = Array.Empty<ulong>();
        foreach (var (image, facts) in All())
        {
            if (test(image.Value, facts))
            {
                if (image.Value / 64 >= bits.Length)
                {
                    Array.Resize(ref bits, (int)Math.Max(image.Value / 64 + 1, 2L * bits.Length));
                }

                bits[image.Value / 64] |= 1ul << (int)(image.Value % 64);
            }
        }

        return ImageSet.OfBits(bits);
    }

    private sealed record Block(ulong Present, ImageFacts[] Facts)
    {
        internal static Block Empty { get; } = new(0, new ImageFacts[BlockSize]);
    }
}

internal delegate bool FactTest(long image, in ImageFacts facts);
