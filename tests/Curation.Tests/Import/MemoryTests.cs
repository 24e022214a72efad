using System.Globalization;
using System.Text;
using Sightline.Curation.Import;
using Sightline.TestKit;

namespace Sightline.Curation.Tests.Import;

/// <summary>What is measured is the memory of the process, in which nothing else may run meanwhile.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class MemoryCollection
{
    public const string Name = "memory";
}

[Collection(MemoryCollection.Name)]
public sealed class MemoryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("csv")]
    [InlineData("tsv")]
    [InlineData("jsonl")]
    [InlineData("json")]
    [InlineData("tar")]
    [InlineData("parquet")]
    public void Memory_stays_flat_over_300_000_rows(string ending)
    {
        const int Rows = 300_000;
        const int MostGrowth = 24 << 20;
        var path = _folder.PathOf("big." + ending);
        WriteBig(path, Rows);
        var source = PairSources.Open(new PairSourceRequest(path));
        var sink = new CountingSink();
        var before = GC.GetTotalMemory(forceFullCollection: true);

        source.Read(path, sink, CancellationToken.None);

        Assert.Equal((Rows, 0), (sink.Pairs, sink.Faults));
        Assert.InRange(sink.MostBytes - before, long.MinValue, MostGrowth);
    }

    internal static void WriteBig(string path, int rows)
    {
        var captions = Enumerable.Range(0, rows).Select(i => string.Create(CultureInfo.InvariantCulture, $"a caption of a usual length, number {i}"));
        switch (Path.GetExtension(path))
        {
            case ".parquet":
                AllFormatsTests.WriteParquet(path, captions);
                break;
            case ".tar":
                WriteBigTar(path, captions);
                break;
            case ".json":
                File.WriteAllLines(path, captions.Select((c, i) => (i == 0 ? "[" : ",") + AllFormatsTests.Json(i, c)).Append("]"));
                break;
            case ".jsonl":
                File.WriteAllLines(path, captions.Select((c, i) => AllFormatsTests.Json(i, c)));
                break;
            case var ending:
                var delimiter = ending == ".csv" ? ',' : '\t';
                File.WriteAllLines(path, captions.Select((c, i) => $"k{i}{delimiter}\"{c}\"{delimiter}http://a/{i}").Prepend($"key{delimiter}caption{delimiter}url"));
                break;
        }
    }

    private static void WriteBigTar(string path, IEnumerable<string> captions)
    {
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20);
        using var tar = new System.Formats.Tar.TarWriter(file, System.Formats.Tar.TarEntryFormat.Ustar);
        var row = 0;
        foreach (var caption in captions)
        {
            foreach (var (name, data) in new[] { ($"{row:D9}.jpg", "x"u8.ToArray()), ($"{row:D9}.txt", Encoding.UTF8.GetBytes(caption)) })
            {
                tar.WriteEntry(new System.Formats.Tar.UstarTarEntry(System.Formats.Tar.TarEntryType.RegularFile, name) { DataStream = new MemoryStream(data) });
            }

            row++;
        }
    }
}
