using Sightline.Curation.Export;
using Sightline.TestKit;

namespace Sightline.Curation.Tests.Export;

public sealed class ExternalSortTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(999)]
    [InlineData(1000)]
    [InlineData(1001)]
    [InlineData(50_123)]
    public void Values_come_back_in_order_whether_memory_held_them_or_not(int count)
    {
        using var folder = new TemporaryFolder();
        var chance = new Random(count);
        var values = Enumerable.Range(0, count).Select(_ => chance.NextInt64(0, 20_000)).ToArray();
        using (var sort = new ExternalSort<long>(folder.Path, "test", 1000))
        {
            foreach (var value in values)
            {
                sort.Add(value);
            }

            Assert.Equal(values.Order(), sort.Read());
        }

        Assert.Empty(Directory.EnumerateFiles(folder.Path));
    }
}
