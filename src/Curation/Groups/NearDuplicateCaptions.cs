using System.Runtime.InteropServices;

namespace Sightline.Curation;

/// <summary>
/// No two captions are nearly the same: the Jaccard index of their <see cref="CaptionShingles"/> stays below a threshold. From the pair to
/// keep first to the one to drop first, each is dropped that is as alike to one that was kept, its twin; so what is dropped is always alike
/// to something kept, unlike with chains of likeness. Candidates are found by <see cref="MinHash"/> and compared exactly: nothing is
/// dropped that is not as alike, and on average at most 1 % of the captions at the threshold are overlooked. Memory: some 110 bytes a pair
/// at a threshold from 0.75, 200 below, for captions with a letter or digit; scratch files take 4 bytes a character.
/// </summary>
/// <param name="jaccard">0.6 to 1.</param>
/// <param name="keep">Which of those alike.</param>
public sealed class NearDuplicateCaptions(double jaccard, Preference keep) : GroupFilter(
    "near_duplicate_captions", new DropReason("alike", Counted.Text("caption alike to another by {0} or more", jaccard)))
{
    private const int Block = 1 << 14;
    private const int Chunk = 256;

    internal static FilterDefinition Definition { get; } = new(
        "near_duplicate_captions", "Similar captions", "No two captions are nearly the same.",
        [new FilterParameter("jaccard", "Alike from", ParameterKind.Number, "0.8", 0.6, 1, "Jaccard index"), Preferences.Parameter],
        a => new NearDuplicateCaptions(a.Number("jaccard") ?? 0.8, Preferences.Of(a)));

    /// <inheritdoc/>
    public override PartColumns Columns =>
        keep == Preference.Best ? PartColumns.Captions | PartColumns.Measures : PartColumns.Captions;

    /// <summary>Threads; the result is the same for any number.</summary>
    internal int Workers { get; init; } = Environment.ProcessorCount;

    /// <inheritdoc/>
    public override void Run(GroupRun run, CancellationToken cancellationToken)
    {
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = Workers, CancellationToken = cancellationToken };
        using var store = new ShingleStore(run.Scratch);
        var rows = new RankedRows();
        foreach (var part in run.Parts(cancellationToken))
        {
            Store(part, run, rows, store, keep, parallel);
        }

        store.Freeze();
        var order = rows.Order();
        var hashes = new MinHash(jaccard);
        var tables = new BandTables(hashes.Bands, order.Length);
        var blockTables = new BandTables(hashes.Bands, Math.Min(Block, order.Length));
        var keys = new uint[Block * hashes.Bands];
        var twins = new int[Block];
        for (var start = 0; start < order.Length; start += Block)
        {
            var first = start;
            var count = Math.Min(Block, order.Length - start);

            // Against all that was kept before the block, in parallel; then against what is kept of the block, in order.
            Parallel.For(0, (count + Chunk - 1) / Chunk, parallel, chunk =>
            {
                for (var i = chunk * Chunk; i < Math.Min((chunk + 1) * Chunk, count); i++)
                {
                    var shingles = store[order[first + i]];
                    var own = keys.AsSpan(i * hashes.Bands, hashes.Bands);
                    hashes.Read(shingles, own);
                    twins[i] = tables.Find(own, shingles, store, jaccard);
                }
            });
            blockTables.Clear();
            for (var i = 0; i < count; i++)
            {
                var number = order[start + i];
                var own = keys.AsSpan(i * hashes.Bands, hashes.Bands);
                var twin = twins[i] >= 0 ? twins[i] : blockTables.Find(own, store[number], store, jaccard);
                if (twin >= 0)
                {
                    run.Drop(rows[number], 0, rows[twin]);
                }
                else
                {
                    blockTables.Add(own, number);
                    tables.Add(own, number);
                }
            }
        }
    }

    // Shingles are made in parallel, a chunk of captions at a time, and stored in order.
    private static void Store(PairPart part, GroupRun run, RankedRows rows, ShingleStore store, Preference keep, ParallelOptions parallel)
    {
        var left = new bool[part.Count];
        for (var i = 0; i < left.Length; i++)
        {
            left[i] = run.IsLeft(part.FirstRow + i);
        }

        var chunks = new ShingleChunk[(part.Count + Chunk - 1) / Chunk];
        Parallel.For(0, chunks.Length, parallel, () => new CaptionShingles(), (chunk, _, shingles) =>
        {
            var end = Math.Min((chunk + 1) * Chunk, part.Count);
            chunks[chunk] = new ShingleChunk();
            for (var i = chunk * Chunk; i < end; i++)
            {
                if (left[i])
                {
                    chunks[chunk].Add(i, shingles.Of(part.Source.Captions[i]));
                }
            }

            return shingles;
        }, static _ => { });
        foreach (var chunk in chunks)
        {
            for (var i = 0; i < chunk.Count; i++)
            {
                var index = chunk.Read(i, out var shingles);
                rows.Add(part.FirstRow + index, keep.Rank(part[index].Similarity));
                store.Add(shingles);
            }
        }
    }

    private sealed class ShingleChunk
    {
        private readonly List<int> _indexes = [];
        private readonly List<int> _ends = [];
        private readonly List<uint> _shingles = [];

        internal int Count => _indexes.Count;

        // A caption without shingles is like none.
        internal void Add(int index, ReadOnlySpan<uint> shingles)
        {
            if (!shingles.IsEmpty)
            {
                _indexes.Add(index);
                _shingles.AddRange(shingles);
                _ends.Add(_shingles.Count);
            }
        }

        internal int Read(int i, out ReadOnlySpan<uint> shingles)
        {
            var start = i == 0 ? 0 : _ends[i - 1];
            shingles = CollectionsMarshal.AsSpan(_shingles)[start.._ends[i]];
            return _indexes[i];
        }
    }
}
