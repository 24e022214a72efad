using Sightline.TestKit;

namespace Sightline.Curation.Tests;

public sealed class ExternalSortTests
{
    [Theory]
    [InlineData(0, 10)]
    [InlineData(10, 10)]
    [InlineData(11, 10)]
    [InlineData(20_000, 7)]
    [InlineData(20_000, 1_024)]
    [InlineData(20_000, 100_000)]
    public void What_is_spilled_comes_back_in_order_and_again(int count, int inMemory)
    {
        using var folder = new TemporaryFolder();
        var random = new Random(count + inMemory);
        var records = Enumerable.Range(0, count).Select(i => new RankedCopy((UInt128)random.Next(50), random.Next(3), i)).ToArray();
        using (var sort = new ExternalSort<RankedCopy>(folder.Path, inMemory))
        {
            foreach (var record in records)
            {
                sort.Add(record);
            }

            Array.Sort(records);
            Assert.Equal(records, sort.Sorted(CancellationToken.None));
            Assert.Equal(records, sort.Sorted(CancellationToken.None));
            Assert.Equal(count, sort.Count);
        }

        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void Copies_are_sorted_by_key_then_rank_downwards_then_row()
    {
        RankedCopy[] sorted = [new(1, 2, 9), new(1, 1, 3), new(1, 1, 4), new(1, float.NegativeInfinity, 0), new(UInt128.MaxValue, 5, 0)];

        Assert.Equal(sorted, sorted.Reverse().Order());
    }
}
