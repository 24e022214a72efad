using System.Text;
using Sightline.TestKit;

namespace Sightline.Curation.Tests.Groups;

/// <summary>A pair of a test; null where nothing is known.</summary>
internal sealed record TestPair(
    string Caption = "", string Url = "", string Image = "", string Sha256 = "", float Similarity = float.NaN, ulong? Hash = null,
    float Contrast = 0.2f, UInt128? MeasuredSha256 = null, float[]? Embedding = null);

/// <summary>A run over pairs in memory, or over parts that are made as they are read.</summary>
internal sealed class TestRun : GroupRun, IDisposable
{
    private readonly TemporaryFolder _scratch = new();
    private readonly Func<int, PairPart> _part;
    private readonly int _parts;
    private readonly HashSet<long> _gone;

    internal TestRun(Func<int, PairPart> part, int parts, long pairs, int seed = 1, IEnumerable<long>? gone = null)
    {
        (_part, _parts, Pairs, Seed) = (part, parts, pairs, seed);
        _gone = [.. gone ?? []];
    }

    public override string Scratch => _scratch.Path;

    public override int Seed { get; }

    public override long Pairs { get; }

    public override long Left => Pairs - _gone.Count;

    /// <summary>Keep no more of a drop than its number.</summary>
    internal bool CountsOnly { get; init; }

    internal long DropCount { get; private set; }

    internal SortedDictionary<long, (int Reason, long Twin)> Drops { get; } = [];

    /// <summary>Called when the last part was read, while the filter still holds what it holds.</summary>
    internal Action? AtEnd { get; init; }

    internal static TestRun Of(IReadOnlyList<TestPair> pairs, int partRows = 64, int seed = 1, IEnumerable<long>? gone = null)
    {
        var parts = (pairs.Count + partRows - 1) / partRows;
        var made = Enumerable.Range(0, parts).Select(i => MakePart(i * partRows, [.. pairs.Skip(i * partRows).Take(partRows)])).ToArray();
        return new TestRun(i => made[i], parts, pairs.Count, seed, gone);
    }

    internal static PairPart MakePart(long firstRow, TestPair[] pairs)
    {
        var batch = new PairBatch(firstRow);
        foreach (var pair in pairs)
        {
            batch.Add(new NewPair
            {
                Caption = Encoding.UTF8.GetBytes(pair.Caption),
                Url = Encoding.UTF8.GetBytes(pair.Url),
                Image = Encoding.UTF8.GetBytes(pair.Image),
                Sha256 = Encoding.UTF8.GetBytes(pair.Sha256),
                Similarity = pair.Similarity,
            });
        }

        var dimensions = pairs.FirstOrDefault(p => p.Embedding is not null)?.Embedding!.Length ?? 0;
        Half[] values = [.. pairs.SelectMany(p => p.Embedding ?? new float[dimensions]).Select(v => (Half)v)];
        var embeddings = dimensions == 0 ? null : new PartEmbeddings("test", dimensions, values);
        return new PairPart(batch, [.. pairs.Select(FactsOf)], [.. pairs.Select(MeasuresOf)], embeddings);
    }

    internal static CaptionFacts FactsOf(TestPair pair) => new() { Hash = CaptionHash.Of(Encoding.UTF8.GetBytes(pair.Caption)) };

    internal static ImageMeasures MeasuresOf(TestPair pair) => new()
    {
        PerceptualHash = pair.Hash ?? 0,
        Contrast = pair.Contrast,
        Sha256High = pair.MeasuredSha256 ?? default,
        Known = (pair.Hash is null ? 0 : ImageMeasured.Pixels) | (pair.MeasuredSha256 is null ? 0 : ImageMeasured.Read)
            | (pair.Embedding is null ? 0 : ImageMeasured.Embedding),
    };

    /// <summary>Runs the filter and checks what holds for all: drops are of pairs left, once, for a reason there is, and twins are
    /// kept.</summary>
    internal SortedDictionary<long, (int Reason, long Twin)> Run(GroupFilter filter)
    {
        filter.Run(this, CancellationToken.None);
        Assert.All(Drops.Values, d => Assert.InRange(d.Reason, 0, filter.Reasons.Count - 1));
        Assert.All(
            Drops.Values, d => Assert.True(d.Twin == -1 || (IsLeft(d.Twin) && !Drops.ContainsKey(d.Twin)), $"twin {d.Twin} is not kept"));
        Assert.Empty(Directory.GetFileSystemEntries(Scratch));
        return Drops;
    }

    public override IEnumerable<PairPart> Parts(CancellationToken cancellationToken)
    {
        for (var i = 0; i < _parts; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return _part(i);
        }

        AtEnd?.Invoke();
    }

    public override bool IsLeft(long row) => !_gone.Contains(row);

    public override void Drop(long row, int reason, long twin = -1)
    {
        DropCount++;
        if (!CountsOnly)
        {
            Assert.True(IsLeft(row) && row >= 0 && row < Pairs, $"row {row} is not left");
            Drops.Add(row, (reason, twin));
        }
    }

    public void Dispose() => _scratch.Dispose();
}
