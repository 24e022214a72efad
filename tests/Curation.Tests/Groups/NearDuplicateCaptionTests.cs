using System.Globalization;
using System.IO.Compression;
using System.Text;
using Sightline.TestKit;

namespace Sightline.Curation.Tests.Groups;

public sealed class NearDuplicateCaptionTests
{
    private static readonly string[] Words =
    [
        "dog", "beach", "sunset", "person", "running", "red", "car", "street", "photo", "mountain", "snow", "child", "holding", "umbrella",
        "market", "boat",
    ];

    [Theory]
    [InlineData(0.6, Preference.First)]
    [InlineData(0.8, Preference.First)]
    [InlineData(0.8, Preference.Best)]
    [InlineData(1, Preference.Best)]
    public void What_is_dropped_is_alike_to_its_twin_and_hardly_anything_alike_is_kept(double jaccard, Preference keep)
    {
        var pairs = Planted([.. Sentences(1_500)], new Random(4));
        using var run = TestRun.Of(pairs, partRows: 333);

        var drops = run.Run(new NearDuplicateCaptions(jaccard, keep));

        AssertAgainstBruteForce(pairs, drops, jaccard, keep, 0.985);
    }

    [SharedFact]
    public void Web_captions_lose_what_brute_force_finds()
    {
        using var zip = ZipFile.OpenRead(SharedData.PathOf("data", "curation.zip"));
        using var reader = new StreamReader(zip.GetEntry("cc3m_validation.tsv")!.Open(), Encoding.UTF8);
        var captions = reader.ReadToEnd().Split('\n').Select(line => line.Split('\t')[0]).Where(c => c.Length > 0).Take(3_400).ToArray();
        var pairs = Planted(captions, new Random(5));
        using var run = TestRun.Of(pairs, partRows: 1_000);

        AssertAgainstBruteForce(pairs, run.Run(new NearDuplicateCaptions(0.8, Preference.First)), 0.8, Preference.First, 0.995);
    }

    [SharedFact]
    public void Pairs_judged_by_hand_are_told_apart_as_measured()
    {
        using var zip = ZipFile.OpenRead(SharedData.PathOf("data", "curation.zip"));
        using var reader = new StreamReader(zip.GetEntry("cc3m_validation.tsv")!.Open(), Encoding.UTF8);
        var lines = reader.ReadToEnd().Split('\n');
        var judged = File.ReadLines(Path.Combine(Repository.Root, "tests", "Golden", "cc3m_duplicates.tsv"))
            .Where(l => !l.StartsWith('#')).Skip(1).Select(l => l.Split('\t')).ToList();
        var (right, wrong, missed) = (0, 0, 0);
        foreach (var row in judged)
        {
            string Caption(string line) => lines[int.Parse(line, CultureInfo.InvariantCulture) - 1].Split('\t')[0];
            using var run = TestRun.Of([new(Caption(row[0])), new(Caption(row[1]))]);
            var dropped = run.Run(new NearDuplicateCaptions(0.8, Preference.First)).Count == 1;
            right += dropped && row[2] == "same" ? 1 : 0;
            wrong += dropped && row[2] == "other" ? 1 : 0;
            missed += !dropped && row[2] == "same" ? 1 : 0;
        }

        // Letters alone do not tell "pop artist" from "country pop artist": who wants fewer wrong drops raises the threshold.
        Assert.Equal((50, 17, 13, 2), (judged.Count, right, wrong, missed));
    }

    [Fact]
    public void Captions_without_spaces_are_compared_by_pairs_of_characters()
    {
        using var run = TestRun.Of([
            new("一只棕色的狗在海边的沙滩上奔跑着追逐一个红色的球"), new("一只猫"), new("一只棕色的狗在海边的沙滩上奔跑着追逐一个蓝色的球"), new("一只狗"),
            new("…"), new("!"), new(""), new("ok"), new("OK!"),
        ]);

        Assert.Equal([(2L, 0L), (8L, 7L)], run.Run(new NearDuplicateCaptions(0.75, Preference.First)).Select(d => (d.Key, d.Value.Twin)));
    }

    [Fact]
    public void Threads_and_parts_change_nothing()
    {
        var pairs = Planted([.. Sentences(20_000)], new Random(6));
        using var first = TestRun.Of(pairs, partRows: 10_000);
        using var second = TestRun.Of(pairs, partRows: 777);

        Assert.Equal(
            first.Run(new NearDuplicateCaptions(0.8, Preference.Best) { Workers = 1 }),
            second.Run(new NearDuplicateCaptions(0.8, Preference.Best) { Workers = 5 }));
        Assert.True(first.Drops.Count > 1_000);
    }

    [Fact]
    public void Bands_find_what_is_at_the_threshold()
    {
        foreach (var jaccard in (double[])[0.6, 0.65, 0.7, 0.75, 0.8, 0.9, 1])
        {
            Assert.InRange(new MinHash(jaccard).Probability(jaccard), 0.99, 1);
        }
    }

    [Fact]
    public void Exact_comparison_is_the_Jaccard_index()
    {
        var random = new Random(9);
        for (var i = 0; i < 20_000; i++)
        {
            uint[] x = [.. Enumerable.Range(0, random.Next(1, 12)).Select(_ => (uint)random.Next(12)).Distinct().Order()];
            uint[] y = [.. Enumerable.Range(0, random.Next(1, 12)).Select(_ => (uint)random.Next(12)).Distinct().Order()];
            foreach (var jaccard in (double[])[0.6, 2 / 3.0, 0.75, 0.8, 1])
            {
                Assert.Equal(Jaccard(x, y) >= jaccard, CaptionShingles.AreAlike(x, y, jaccard));
            }
        }
    }

    private static void AssertAgainstBruteForce(
        TestPair[] pairs, SortedDictionary<long, (int Reason, long Twin)> drops, double jaccard, Preference keep, double leastRecall)
    {
        var shingler = new CaptionShingles();
        var shingles = pairs.Select(p => shingler.Of(Encoding.UTF8.GetBytes(p.Caption)).ToArray()).ToArray();
        Assert.All(drops, d => Assert.True(Jaccard(shingles[d.Key], shingles[d.Value.Twin]) >= jaccard));
        var order = Enumerable.Range(0, pairs.Length)
            .OrderByDescending(i => keep == Preference.First ? 0 : pairs[i].Similarity).ThenBy(i => i);
        var kept = new List<int>();
        var expected = new List<long>();
        foreach (var i in order)
        {
            if (kept.Exists(k => Jaccard(shingles[i], shingles[k]) >= jaccard))
            {
                expected.Add(i);
            }
            else
            {
                kept.Add(i);
            }
        }

        var both = expected.Intersect(drops.Keys).Count();
        Assert.True(expected.Count > 100);
        Assert.True(
            both >= leastRecall * expected.Count && both >= leastRecall * drops.Count,
            $"{both} of {expected.Count}, {drops.Count} dropped");
    }

    private static double Jaccard(uint[] x, uint[] y)
    {
        var (i, j, common) = (0, 0, 0);
        while (i < x.Length && j < y.Length)
        {
            common += x[i] == y[j] ? 1 : 0;
            (i, j) = (x[i] <= y[j] ? i + 1 : i, y[j] <= x[i] ? j + 1 : j);
        }

        return (double)common / (x.Length + y.Length - common);
    }

    private static IEnumerable<string> Sentences(int count)
    {
        var random = new Random(2);
        for (var i = 0; i < count; i++)
        {
            var words = Enumerable.Range(0, random.Next(3, 14)).Select(_ => Words[random.Next(Words.Length)] + random.Next(30));
            yield return string.Join(' ', words);
        }
    }

    // Each caption once, and half of them again with a letter or a word changed or left out.
    private static TestPair[] Planted(string[] captions, Random random)
    {
        var all = new List<string>(captions);
        foreach (var caption in captions.Where((_, i) => i % 2 == 0))
        {
            var words = caption.Split(' ');
            all.Add(random.Next(4) switch
            {
                0 => caption.Remove(random.Next(caption.Length), 1),
                1 => string.Join(' ', words.Where((_, i) => i != words.Length / 2)) + " a",
                2 => caption + " x" + random.Next(9),
                _ => caption.ToUpperInvariant() + "?",
            });
        }

        return [.. all.OrderBy(_ => random.Next()).Select(c => new TestPair(c, Similarity: random.Next(100) / 100f))];
    }
}
