using Sightline.Curation.Import;
using Sightline.Curation.Languages;

namespace Sightline.Curation.Tests;

public sealed class DatasetImporterTests : IDisposable
{
    private static readonly DatasetImporter Importer = new(new CaptionReader(new LanguageIdentifier()));

    private readonly string _folder = Directory.CreateTempSubdirectory("sightline-import-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Pairs_come_in_order_with_their_facts_and_faults_are_listed()
    {
        var dataset = new PairDataset(_folder);
        var progress = new ImportProgress();

        var result = Importer.Run(new ListSource(("a", ["a dog", null]), ("b", ["ein Hund am Strand"])), dataset, progress, CancellationToken.None);

        var part = dataset.ReadPart(0, PartColumns.Texts | PartColumns.Facts, CancellationToken.None);
        Assert.Equal((2, 1, 2), (result.Pairs, dataset.CountParts(), progress.Stored));
        Assert.Equal([new SourceFault("a", "item 1", "bad", "It is bad.")], result.Examples);
        Assert.Equal(("a0", "b0", 4), (part.Source.Keys.Text(0), part.Source.Keys.Text(1), part.Facts[1].Words));
        Assert.Equal("de", part.Facts[1].Language.ToString());
    }

    [Theory]
    [InlineData(PairDataset.PartRows - 1)]
    [InlineData(PairDataset.PartRows)]
    [InlineData(PairDataset.PartRows + 1)]
    public void Parts_are_full_but_the_last(int pairs)
    {
        var dataset = new PairDataset(_folder);

        var result = Importer.Run(new ListSource(("a", Many(pairs))), dataset, new ImportProgress(), CancellationToken.None);

        Assert.Equal((pairs, pairs, pairs > PairDataset.PartRows ? 2 : 1), (result.Pairs, dataset.CountPairs(), dataset.CountParts()));
    }

    [Fact]
    public void An_import_that_ended_in_the_middle_goes_on_where_it_was()
    {
        var (first, second) = (Many(PairDataset.PartRows - 10), Many(PairDataset.PartRows + 50));
        second[40] = null;
        var interrupted = new ListSource(("a", first), ("b", second))
        {
            // In the second file and part; a part that is complete stays.
            Before = i => _ = i == PairDataset.PartRows - 5 ? throw new OperationCanceledException() : 0,
        };
        var dataset = new PairDataset(_folder);
        Assert.Throws<OperationCanceledException>(() => Importer.Run(interrupted, dataset, new ImportProgress(), CancellationToken.None));
        Assert.Equal(1, dataset.CountParts());

        var progress = new ImportProgress();
        var result = Importer.Run(new ListSource(("a", first), ("b", second)), dataset, progress, CancellationToken.None);
        var keys = dataset.ReadParts(PartColumns.Keys, CancellationToken.None).SelectMany(p => Enumerable.Range(0, p.Count).Select(i => p.Source.Keys.Text(i))).ToList();
        var again = Importer.Run(new ListSource(("a", first), ("b", second)), dataset, new ImportProgress(), CancellationToken.None);

        var expected = first.Select((_, i) => $"a{i}").Concat(second.Index().Where(c => c.Item is not null).Select(c => $"b{c.Index}"));
        Assert.Equal(expected, keys);
        Assert.Equal((result.Pairs, result.Pairs - PairDataset.PartRows), (progress.Read, progress.ReadNow));
        Assert.Equal((1, 1), (result.Faults["bad"], result.Examples.Count));
        Assert.Equal((result.Pairs, 1), (again.Pairs, again.Faults["bad"]));
    }

    [Fact]
    public void A_source_that_has_changed_is_not_gone_on_with()
    {
        var dataset = new PairDataset(_folder);
        Importer.Run(new ListSource(("a", ["x"])), dataset, new ImportProgress(), CancellationToken.None);

        var e = Assert.Throws<PairSourceException>(() =>
            Importer.Run(new ListSource(("other", ["x"])), dataset, new ImportProgress(), CancellationToken.None));

        Assert.Contains("has changed", e.Message);
    }

    [Fact]
    public void A_folder_that_holds_another_file_has_changed()
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, "pictures")).FullName;
        var dataset = new PairDataset(Path.Combine(_folder, "dataset"));
        Importer.Run(new ListSource((folder, ["x"])), dataset, new ImportProgress(), CancellationToken.None);
        File.WriteAllText(Path.Combine(folder, "a.txt"), "another");
        Directory.SetLastWriteTimeUtc(folder, DateTime.UnixEpoch);

        Assert.Throws<PairSourceException>(() => Importer.Run(new ListSource((folder, ["x"])), dataset, new ImportProgress(), CancellationToken.None));
    }

    [Fact]
    public void What_was_there_before_must_be_there_again()
    {
        var dataset = new PairDataset(_folder);
        var whole = new ListSource(("a", Many(PairDataset.PartRows + 500)));
        var stopped = new ListSource(("a", Many(PairDataset.PartRows + 500))) { Before = i => _ = i == PairDataset.PartRows + 400 ? throw new OperationCanceledException() : 0 };
        Assert.Throws<OperationCanceledException>(() => Importer.Run(stopped, dataset, new ImportProgress(), CancellationToken.None));
        var locked = new ListSource(("a", Many(PairDataset.PartRows + 500))) { Before = _ => throw new PairSourceException("a is locked.") };

        var e = Assert.Throws<PairSourceException>(() => Importer.Run(locked, dataset, new ImportProgress(), CancellationToken.None));
        var result = Importer.Run(whole, dataset, new ImportProgress(), CancellationToken.None);

        Assert.Contains("gave 100000 items", e.Message);
        Assert.Equal((PairDataset.PartRows + 500, 0), (result.Pairs, result.Faults.Count));
    }

    [Fact]
    public void Faults_are_short_and_hold_no_zeros()
    {
        var source = new FaultySource();

        var result = Importer.Run(source, new PairDataset(_folder), new ImportProgress(), CancellationToken.None);

        Assert.Equal("other", result.Faults.Single().Key);
        Assert.DoesNotContain('\0', result.Examples[0].Detail);
        Assert.InRange(result.Examples[0].Detail.Length, 1, 301);
    }

    [Fact]
    public void A_file_that_cannot_be_read_costs_nothing_else()
    {
        var source = new ListSource(("a", ["x"]), ("b", ["y"])) { Before = _ => throw new PairSourceException("a is locked.") };

        var result = Importer.Run(source, new PairDataset(_folder), new ImportProgress(), CancellationToken.None);

        Assert.Equal((0, 2), (result.Pairs, result.Faults["unreadable_file"]));
    }

    private sealed class FaultySource : IPairSource
    {
        public string Format => "faulty";

        public IReadOnlyList<string> Files => ["a"];

        public void Read(string file, PairSink sink, CancellationToken cancellationToken) => sink.Fault("row 1", "x\0y", "z\0" + new string('z', 1_000));
    }

    private static string?[] Many(int count) => [.. Enumerable.Range(0, count).Select(i => $"dog {i}")];
}
