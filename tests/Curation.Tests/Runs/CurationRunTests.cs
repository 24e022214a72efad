using System.Text;
using Sightline.Curation.Languages;

namespace Sightline.Curation.Tests;

public sealed class CurationRunTests : IDisposable
{
    private static readonly CaptionReader Reader = new(new LanguageIdentifier());
    private static readonly RecipeContext Context = new("/", false, name => throw new RecipeException($"There is no dataset {name}."));

    private readonly string _folder = Directory.CreateTempSubdirectory("sightline-run-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Every_drop_has_its_reason_and_the_funnel_adds_up()
    {
        var dataset = Fill("a dog on the grass", "dog", "a cat sleeps in the sun", "AAAAAAAAAA BBBBBBB CCCCC", "dog dog dog dog dog dog");
        var recipe = RecipeReader.Read("filters: [caption_length: {min_words: 3}, caption_shape, repetition]");

        var report = new CurationRun(dataset, recipe, Context, Path.Combine(_folder, "run")).Run(new RunProgress(), CancellationToken.None);

        Assert.Equal((5, 2), (report.Pairs, report.Kept));
        Assert.Equal(["caption_length", "caption_shape", "repetition"], report.Steps.Select(s => s.Filter));
        Assert.Equal([(5L, 4L), (4L, 3L), (3L, 2L)], report.Steps.Select(s => (s.In, s.Out)));
        Assert.Equal(
            ["caption_length.few_words 1", "caption_shape.many_capitals 1", "repetition.repeated_words 1"],
            report.Steps.SelectMany(s => s.Reasons).Select(r => $"{r.Code} {r.Pairs}"));
        var numbers = report.Steps.SelectMany(s => s.Reasons).Select(r => (ushort)r.Number).ToList();
        Assert.Equal([0, numbers[0], 0, numbers[1], numbers[2]], new RunVerdicts(Path.Combine(_folder, "run"), new Dictionary<long, bool>()).Read(0));
        var words = report.Fields.Single(f => f.Field == PairField.Words);
        Assert.Equal((5, 2, 1), (words.All.Sum(), words.Kept.Sum(), words.All[1]));
    }

    [Fact]
    public void A_persons_word_goes_before_the_runs()
    {
        var dataset = Fill("a dog on the grass", "dog", "cat");
        var run = Path.Combine(_folder, "run");
        new CurationRun(dataset, RecipeReader.Read("filters: [caption_length: {min_words: 3}]"), Context, run).Run(new RunProgress(), CancellationToken.None);

        var verdicts = new RunVerdicts(run, new Dictionary<long, bool> { [0] = false, [1] = true, [7] = true }).Read(0);

        Assert.Equal((RunVerdicts.DroppedByHand, 0), (verdicts[0], verdicts[1]));
        Assert.NotEqual(0, verdicts[2]);
    }

    [Theory]
    [InlineData("image_size: {max_aspect: 2}", "image_size: the size of no image of this dataset is known. Measure it first: sightline curate measure NAME.")]
    [InlineData("image_quality", "image_quality: no image of this dataset was measured. Measure it first: sightline curate measure NAME.")]
    [InlineData("text_in_image", "text_in_image: no image of this dataset was judged by a model. Measure it first: sightline curate measure NAME --clip.")]
    [InlineData("similarity: {min: 0.2}", "similarity: no pair of this dataset has a similarity. Measure it first: sightline curate measure NAME --clip.")]
    public async Task A_filter_of_what_nobody_has_measured_is_refused_unless_it_keeps_what_is_not_known(string filter, string message)
    {
        var dataset = Fill("a dog on the grass", "dog");
        var recipe = RecipeReader.Read($"filters: [{filter}]");
        var name = recipe.Filters[0].Name;
        var keeping = RecipeReader.Read($"filters: [{filter}, {name}: {{keep_unknown: true}}]");

        var run = Assert.Throws<RecipeException>(() => Run(recipe, "refused"));
        var preview = await Assert.ThrowsAsync<RecipeException>(() => PreviewAsync(dataset, recipe, DatasetSample.MostPairs));
        await Assert.ThrowsAsync<RecipeException>(() => PreviewAsync(dataset, recipe, 1));

        Assert.StartsWith(message, run.Message);
        Assert.Equal(run.Message, preview.Message);
        Assert.Equal(2, Run(keeping, "kept").Kept);

        RunReport Run(Recipe asked, string folder) =>
            new CurationRun(dataset, asked, Context, Path.Combine(_folder, folder)).Run(new RunProgress(), CancellationToken.None);
    }

    [Fact]
    public void What_people_have_decided_on_is_found_kept_or_dropped()
    {
        var dataset = Fill("a dog on the grass", "dog", "cat", "a bird in the air");
        var run = Path.Combine(_folder, "run");
        var report = new CurationRun(dataset, RecipeReader.Read("filters: [caption_length: {min_words: 3}]"), Context, run).Run(new RunProgress(), CancellationToken.None);
        var decisions = new Dictionary<long, bool> { [3] = false, [1] = true, [2] = false };

        var all = Find(0, 9);

        Assert.Equal([(1L, null), (2L, "fewer than 3 words"), (3L, "dropped by hand")], all.Select(p => (p.Pair.Row, p.Reason)));
        Assert.Equal([2L, 3L], Find(2, 9).Select(p => p.Pair.Row));
        Assert.Equal([1L], Find(0, 1).Select(p => p.Pair.Row));

        IReadOnlyList<JudgedPair> Find(long from, int limit) =>
            RunPairs.Find(dataset, run, report, decisions, "by_hand", from, limit, new PairLookup(), CancellationToken.None);
    }

    [Fact]
    public void A_run_goes_on_after_what_is_complete()
    {
        var dataset = Fill([.. Enumerable.Range(0, PairDataset.PartRows + 5).Select(i => i % 2 == 0 ? "dog" : "a dog on the grass")]);
        var recipe = RecipeReader.Read("filters: [caption_length: {min_words: 3}]");
        var run = Path.Combine(_folder, "run");
        var whole = new CurationRun(dataset, recipe, Context, run).Run(new RunProgress(), CancellationToken.None);
        File.Delete(Path.Combine(run, "verdicts-00001.bin"));
        var before = File.GetLastWriteTimeUtc(Path.Combine(run, "verdicts-00000.bin"));

        var progress = new RunProgress();
        var again = new CurationRun(dataset, recipe, Context, run).Run(progress, CancellationToken.None);

        Assert.Equal((PairDataset.PartRows + 5, 5), (progress.Done, progress.Judged));
        Assert.Equal(whole.Kept, again.Kept);
        Assert.Equal(before, File.GetLastWriteTimeUtc(Path.Combine(run, "verdicts-00000.bin")));
    }

    [Fact]
    public void Filters_of_groups_see_what_is_left_and_are_not_run_twice()
    {
        var dataset = Fill("a dog on the grass", "dog", "a cat on a mat", "a bird in the air");
        var run = Path.Combine(_folder, "run");
        var runs = 0;
        var everySecond = new FilterDefinition("every_second", "", "", [], _ => new EverySecond(() => runs++));
        var recipe = new Recipe([(CaptionLengthFilter.Definition, Settings("min_words", 3)), (everySecond, Settings())], 0);

        var report = new CurationRun(dataset, recipe, Context, run).Run(new RunProgress(), CancellationToken.None);
        var again = new CurationRun(dataset, recipe, Context, run).Run(new RunProgress(), CancellationToken.None);

        Assert.Equal((2, 2, 1), (report.Kept, again.Kept, runs));
        Assert.Equal((3, 2), (report.Steps[1].In, report.Steps[1].Out));
        var verdicts = new RunVerdicts(run, new Dictionary<long, bool>());
        Assert.Equal([2L], PairLookup.FindRows(dataset, verdicts, v => v == report.Steps[1].Reasons[0].Number, 0, 5, CancellationToken.None));
        Assert.Equal(0, new RunFiles(run).FindTwins(new HashSet<long> { 2 })[2]);
        Assert.False(Directory.Exists(Path.Combine(run, "scratch")));
    }

    [Fact]
    public void What_a_filter_of_groups_drops_is_not_held_in_memory()
    {
        const int Pairs = 2_000_000;
        var files = new RunFiles(_folder);
        List<long> allocated = [];

        GroupRunOnDisk.Run(new Half(() => allocated.Add(GC.GetAllocatedBytesForCurrentThread())), new PairDataset(_folder), new ushort[Pairs], 0, files, 0, CancellationToken.None);

        Assert.Equal(Enumerable.Range(0, Pairs / 2).Select(i => new GroupDrop((2L * i) + 1, 2L * i, 0)), files.ReadDrops(0));
        Assert.InRange(allocated[1] - allocated[0], 0, 1 << 20);
    }

    [Fact]
    public async Task A_sample_of_all_pairs_says_what_the_run_says()
    {
        var dataset = Fill([.. Enumerable.Range(0, 5_000).Select(i => string.Join(' ', Enumerable.Repeat("dog", i % 9)) + " x")]);
        var recipe = RecipeReader.Read("filters: [caption_length: {min_words: 3, max_words: 6}]");
        var report = new CurationRun(dataset, recipe, Context, Path.Combine(_folder, "run")).Run(new RunProgress(), CancellationToken.None);

        var whole = await PreviewAsync(dataset, recipe, DatasetSample.MostPairs);
        var part = await PreviewAsync(dataset, recipe, 1_000);

        Assert.Equal((report.Kept, report.Pairs, 5_000), (whole.Report.Kept, whole.Report.Pairs, whole.Total));
        Assert.Equal(report.Fields.Select(f => string.Join(' ', f.Kept)), whole.Report.Fields.Select(f => string.Join(' ', f.Kept)));
        Assert.Equal((1_000, 5_000), (part.Report.Pairs, part.Total));
        Assert.InRange(part.Report.Kept / 1_000.0, (report.Kept / 5_000.0) - 0.05, (report.Kept / 5_000.0) + 0.05);
        Assert.All(whole.Samples, s => Assert.InRange(s.Value.Count, 1, 3));
        var few = whole.Report.Steps[0].Reasons.Single(r => r.Code == "caption_length.few_words").Number;
        Assert.Equal([0L, 1L, 9L], whole.Samples[few]);
    }

    [Fact]
    public async Task Filters_of_groups_are_counted_where_all_pairs_are_looked_at_and_named_where_not()
    {
        var dataset = Fill([.. Enumerable.Range(0, 3_000).Select(i => i % 5 == 0 ? "dog" : $"a dog number {i % 700} on the grass")]);
        var recipe = RecipeReader.Read("seed: 3\nfilters: [exact_duplicate_captions, random_subset: {share: 0.5}, caption_length: {min_words: 3}]");
        var report = new CurationRun(dataset, recipe, Context, Path.Combine(_folder, "run")).Run(new RunProgress(), CancellationToken.None);

        var whole = await PreviewAsync(dataset, recipe, DatasetSample.MostPairs);
        var quick = await PreviewAsync(dataset, recipe, DatasetSample.MostPairs, withGroups: false);
        var part = await PreviewAsync(dataset, recipe, 1_000);

        Assert.InRange(report.Kept, 200, 700);
        Assert.Equal((report.Kept, 0), (whole.Report.Kept, whole.NotCounted.Count));
        Assert.Equal(report.Steps.Select(s => (s.Filter, s.In, s.Out)), whole.Report.Steps.Select(s => (s.Filter, s.In, s.Out)));
        Assert.All(new[] { quick, part }, p => Assert.Equal(["exact_duplicate_captions", "random_subset"], p.NotCounted));
        Assert.All(new[] { quick, part }, p => Assert.Equal(["caption_length"], p.Report.Steps.Select(s => s.Filter)));
    }

    [Fact]
    public async Task Texts_are_judged_in_a_sample_as_in_a_run()
    {
        var dataset = Fill([.. Enumerable.Range(0, PairDataset.PartRows + 2_000).Select(i => i % 3 == 0 ? "a forbidden dog" : "a dog on the grass")]);
        var recipe = RecipeReader.Read("filters: [word_list: {deny: [forbidden]}]");

        var preview = await PreviewAsync(dataset, recipe, 1_000);

        // Every 102nd row, which are all multiples of 3.
        Assert.Equal((1_000, 0), (preview.Report.Pairs, preview.Report.Kept));
        Assert.Equal([0L, 102L, 204L], preview.Samples[1]);
    }

    [Fact]
    public async Task A_sample_is_read_once_for_all_who_ask_and_anew_when_the_dataset_has_changed()
    {
        var (first, second) = (Fill("a dog", "a cat"), new PairDataset(Path.Combine(_folder, "dataset")));
        var samples = new DatasetSamples();

        var both = await Task.WhenAll(samples.FindAsync(first, CancellationToken.None), samples.FindAsync(second, CancellationToken.None));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => samples.FindAsync(Fill("a bird"), new CancellationToken(canceled: true)));

        Assert.Same(both[0], both[1]);
        Assert.Equal(1, (await samples.FindAsync(first, CancellationToken.None)).Pairs);
    }

    [Fact]
    public void Single_pairs_are_found_by_their_rows()
    {
        var dataset = Fill("a dog", "a cat", "a bird");

        var lookup = new PairLookup();
        var found = lookup.Find(dataset, [2, 0, 99, -1, 2], CancellationToken.None);

        Assert.Equal(["a bird", "a dog", "a bird"], found.Select(p => p.Caption));
        Assert.Equal((2, 2L), (found[0].Facts.Words, found[0].Row));
        Assert.Same(found[1], Assert.Single(lookup.Find(dataset, [0], CancellationToken.None)));
    }

    private static Task<RunPreview> PreviewAsync(PairDataset dataset, Recipe recipe, int most, bool withGroups = true) =>
        DatasetSample.Read(dataset, most, CancellationToken.None).PreviewAsync(recipe, Context, 3, withGroups, CancellationToken.None);

    private static Dictionary<string, System.Text.Json.JsonElement> Settings(string? name = null, int value = 0) =>
        name is null ? [] : new() { [name] = System.Text.Json.JsonSerializer.SerializeToElement(value) };

    private PairDataset Fill(params IReadOnlyList<string> captions)
    {
        var dataset = new PairDataset(Path.Combine(_folder, "dataset"));
        foreach (var (number, chunk) in captions.Chunk(PairDataset.PartRows).Index())
        {
            var pairs = new PairBatch(number * PairDataset.PartRows);
            var facts = new List<CaptionFacts>();
            foreach (var caption in chunk)
            {
                var bytes = Encoding.UTF8.GetBytes(caption);
                pairs.Add(new NewPair { Caption = bytes });
                facts.Add(Reader.Read(bytes));
            }

            dataset.WritePart(number, pairs, facts.ToArray(), new Dictionary<string, string>());
        }

        return dataset;
    }

    private sealed class Half(Action measure) : GroupFilter("half", new DropReason("odd", "its number is odd"))
    {
        public override PartColumns Columns => PartColumns.None;

        public override void Run(GroupRun run, CancellationToken cancellationToken)
        {
            measure();
            for (var row = 1L; row < run.Pairs; row += 2)
            {
                run.Drop(row, 0, row - 1);
            }

            measure();
        }
    }

    private sealed class EverySecond(Action ran) : GroupFilter("every_second", new DropReason("second", "it is a second one"))
    {
        public override PartColumns Columns => PartColumns.Captions;

        public override void Run(GroupRun run, CancellationToken cancellationToken)
        {
            ran();
            File.WriteAllText(Path.Combine(run.Scratch, "spilled"), "x");
            var last = -1L;
            foreach (var part in run.Parts(cancellationToken))
            {
                for (var row = part.FirstRow; row < part.FirstRow + part.Count; row++)
                {
                    if (!run.IsLeft(row))
                    {
                        continue;
                    }

                    if (last >= 0)
                    {
                        run.Drop(row, 0, last);
                        last = -1;
                    }
                    else
                    {
                        last = row;
                    }
                }
            }
        }
    }
}
