using Sightline.Models;
using Sightline.TestKit;

namespace Sightline.Search.Tests;

/// <summary>Zero-shot tags on a real database; only the model is small.</summary>
[Collection(PostgresCollection.Name)]
public sealed class TaggerTests(Postgres postgres) : IAsyncLifetime
{
    private static readonly LabelSet Colours = new("colours", [new("red", ["red"]), new("green", ["green"])], ["{}"]);

    private readonly PointEmbedder _embedder = new();
    private SearchRoom _room = null!;

    public async Task InitializeAsync()
    {
        _room = await SearchRoom.OpenAsync(postgres);
        await _room.Catalog.AddAsync(
        [
            .. Enumerable.Range(0, 80).Select(i => _room.Image($"noise {i}.jpg", $"noise {i}")),
            .. Enumerable.Range(0, 5).Select(i => _room.Image($"red {i}.jpg", 255, (byte)(20 * i), 0)),
            .. Enumerable.Range(0, 5).Select(i => _room.Image($"green {i}.jpg", (byte)(20 * i), 255, 0)),
        ], default);
        await _room.FollowedAsync(90);
        await _room.Catalog.SaveLabelSetAsync(Colours, default);
    }

    public async Task DisposeAsync() => await _room.DisposeAsync();

    [Fact]
    public async Task Prompts_are_normalised_averaged_and_normalised()
    {
        var set = new LabelSet("x", [new Label("thing", ["red", "green", "a b c"])], ["{}", "photo of {}"]);
        var picture = _embedder.EmbedImages([SearchRoom.Picture(10, 200, 30)], default)[0];

        var found = (await _room.Tagger.PrepareAsync(set, default)).Classify(picture);

        var texts = _embedder.EmbedTexts(["red", "photo of red", "green", "photo of green", "a b c", "photo of a b c"], default);
        var mean = new float[8];
        foreach (var text in texts)
        {
            System.Numerics.Tensors.TensorPrimitives.Add(mean, text.Values, mean);
        }

        Assert.Equal(Embedding.Normalize(picture.Space, mean).Similarity(picture), found.Labels[0].Cosine, 1e-5);
        Assert.Equal(1, found.Labels.Sum(l => l.Probability) + found.None, 1e-9);
    }

    [Fact]
    public async Task A_run_suggests_tags_that_can_be_searched_for()
    {
        await RunAsync(0.5);

        var counts = await _room.Catalog.CountTagsAsync(default);
        Assert.InRange(counts.Single(c => c.Name == "red").Images, 4, 9);
        var red = await _room.Engine.SearchAsync(new() { Filter = new NameIs(ImageField.Tag, ["red"]), Limit = 100 }, default);
        Assert.Equal(counts.Single(c => c.Name == "red").Images, red.Searched);
        Assert.Contains(red.Hits, h => h.Image.Path == "red 0.jpg");
        Assert.DoesNotContain(red.Hits, h => h.Image.Path.StartsWith("green", StringComparison.Ordinal));
        Assert.Empty((await _room.Engine.SearchAsync(new() { Filter = new NameIs(ImageField.Tag, ["nothing such"]) }, default)).Hits);
        var tag = Assert.Single(await _room.Catalog.ReadTagsAsync([await IdAsync("red 0.jpg")], default));
        Assert.Equal((TagState.Suggested, "point", "colours", new JobId(7)), (tag.State, tag.Source!.Model, tag.Source.LabelSet, tag.Source.Job));
        Assert.InRange(tag.Source.Score, 0.5, 1);
    }

    [Fact]
    public async Task A_tighter_threshold_withdraws_what_is_below_and_run_twice_changes_nothing()
    {
        await RunAsync(0.2);
        var loose = await AllAsync();
        await RunAsync(0.2);
        Assert.Equal(loose.Select(t => (t.Image, t.Name, t.Source!.Score)), (await AllAsync()).Select(t => (t.Image, t.Name, t.Source!.Score)));

        var progress = await RunAsync(0.8);

        var tight = await AllAsync();
        Assert.Equal(loose.Where(t => t.Source!.Score >= 0.8).Select(t => (t.Image, t.Name)), tight.Select(t => (t.Image, t.Name)));
        Assert.Equal(loose.Count - tight.Count, progress.Withdrawn);
        await _room.Catalog.SaveLabelSetAsync(Colours with { Labels = [Colours.Labels[0]] }, default);
        await RunAsync(0.8);
        Assert.DoesNotContain(await AllAsync(), t => t.Name == "green");
    }

    [Fact]
    public async Task What_people_say_is_never_undone_by_a_model()
    {
        var (red, blue) = (await IdAsync("red 0.jpg"), await IdAsync("noise 3.jpg"));
        await RunAsync(0.5);
        Assert.Equal(1, await _room.Catalog.SetTagAsync("red", [red], isSo: false, default));
        await _room.Catalog.SetTagAsync("green", [blue], isSo: true, default);
        await _room.Catalog.SetTagAsync("holiday", [blue, new ImageId(9_999)], isSo: true, default);

        await RunAsync(0.1);
        await RunAsync(1);

        var left = await _room.Catalog.ReadTagsAsync([red, blue], default);
        Assert.Equal([(red, "red", TagState.Rejected), (blue, "green", TagState.Accepted), (blue, "holiday", TagState.Accepted)],
            left.OrderBy(t => t.Image == blue).ThenBy(t => t.Name).Select(t => (t.Image, t.Name, t.State)));
        Assert.DoesNotContain(
            (await _room.Engine.SearchAsync(new() { Filter = new NameIs(ImageField.Tag, ["red"]) }, default)).Hits, h => h.Image.Id == red);
        var byWord = (await _room.Engine.SearchAsync(SearchQuery.ForWords("holiday") with { MatchWords = true }, default)).Hits[0];
        Assert.Equal((blue, "tag", "holiday"), (byWord.Image.Id, byWord.Reasons[0].Kind, byWord.Reasons[0].Text));
    }

    [Fact]
    public async Task Review_shows_every_suggestion_once_nearest_to_its_threshold_first()
    {
        await _room.Catalog.SaveLabelSetAsync(Colours with { Labels = [Colours.Labels[0] with { Threshold = 0.3 }, Colours.Labels[1]] }, default);
        await RunAsync(0.05);
        var all = (await AllAsync()).Count;
        var seen = new List<ImageTag>();
        ReviewPlace? after = null;
        while (await _room.Catalog.ReadReviewAsync(null, after, 7, default) is { Count: > 0 } page)
        {
            seen.AddRange(page.Select(t => t.Tag));
            after = page[^1].Place;
        }

        Assert.Equal(all, seen.Count);
        Assert.Equal(all, seen.Select(t => (t.Image, t.Name)).Distinct().Count());
        Assert.Equal(seen.Select(Margin).Order(), seen.Select(Margin));
        Assert.Contains(seen, t => t.Source!.Threshold > 0.25);
        var green = (await _room.Catalog.ReadReviewAsync("green", null, 100, default)).Select(t => t.Tag).ToList();
        Assert.Equal(seen.Where(t => t.Name == "green").Select(t => t.Image), green.Select(t => t.Image));
        await _room.Catalog.SetTagAsync("green", [green[0].Image], isSo: false, default);
        Assert.Equal(green.Skip(1).Select(t => t.Image), (await _room.Catalog.ReadReviewAsync("green", null, 100, default)).Select(t => t.Tag.Image));

        static double Margin(ImageTag tag) => (float)tag.Source!.Score - (float)tag.Source.Threshold;
    }

    [Fact]
    public void A_picture_that_leans_to_the_written_word_is_flagged()
    {
        var random = new Random(6);
        float[] Draw() => Vectors.Unit(Vectors.Gaussian(random, 64));
        var space = new EmbeddingSpace("written", new string('d', 64), 64);
        var (thing, word) = (Draw(), Draw());
        var classifier = new LabelClassifier(
            new LabelSet("x", [new Label("ipod", ["an ipod"])], ["{}"]), space, [thing], [word], [.. Enumerable.Range(0, 50).Select(_ => Draw())],
            ScoreBackground.Of([.. Enumerable.Range(0, 500).Select(_ => Draw())]), TagCalibration.Default);
        bool IsFlagged(float[] picture) => classifier.Classify(Embedding.Normalize(space, picture)).Labels[0].Typographic;
        float[] Mix(float ofWord, float ofThing) => [.. Draw().Select((v, i) => v + ofWord * word[i] + ofThing * thing[i])];

        Assert.InRange(Enumerable.Range(0, 200).Count(_ => IsFlagged(Mix(1.5f, 0))), 190, 200);
        Assert.Equal(0, Enumerable.Range(0, 200).Count(_ => IsFlagged(Mix(0, 1.5f))));
        Assert.InRange(Enumerable.Range(0, 1000).Count(_ => IsFlagged(Draw())), 0, 10);
    }

    [Fact]
    public async Task Calibration_raises_both_precision_and_recall_and_is_kept_for_the_space()
    {
        var random = new Random(8);
        (Embedding Picture, string? Label) Draw(int i)
        {
            var label = i % 3;
            var picture = label == 2
                ? _embedder.EmbedTexts([$"stranger {i}"], default)[0]
                : _embedder.EmbedImages([SearchRoom.Picture((byte)(label == 0 ? 255 : random.Next(150)), (byte)(label == 1 ? 255 : random.Next(150)), (byte)random.Next(150))], default)[0];
            return (picture, label == 2 ? null : Colours.Labels[label].Name);
        }

        var (fit, test) = (Enumerable.Range(0, 300).Select(Draw).ToList(), Enumerable.Range(300, 300).Select(Draw).ToList());
        Embedding[] among = [.. test.Select(t => t.Picture)];
        var before = TagReport.Of(await _room.Tagger.PrepareAmongAsync(Colours, among, default), test, 0.5);

        var calibration = await _room.Tagger.CalibrateAsync(Colours, fit, "colours", default);

        var after = TagReport.Of(await _room.Tagger.PrepareAmongAsync(Colours, among, default), test, 0.5);
        Assert.True(after.All.F1 > before.All.F1 && after.All.Precision > 0.9 && after.All.Recall > 0.85, $"{before.All} {after.All}");
        Assert.True(after.StrangersLeftAlone > 0.85 * after.Strangers);
        Assert.Equal(100, after.Strangers);
        Assert.Equal(calibration, await _room.Catalog.FindTagCalibrationAsync(_embedder.Space, default));
    }

    [Fact]
    public async Task Sets_are_saved_whole_and_forgotten()
    {
        var set = new LabelSet("a", [new("x", ["p", "q"], 0.25), new("y", ["z"])], ["{}", "a {}"]);
        await _room.Catalog.SaveLabelSetAsync(set, default);
        var found = (await _room.Catalog.FindLabelSetAsync("a", default))!;
        Assert.Equal(set.Labels.Select(l => (l.Name, string.Join('|', l.Prompts), l.Threshold)), found.Labels.Select(l => (l.Name, string.Join('|', l.Prompts), l.Threshold)));
        Assert.Equal(set.Templates, found.Templates);
        Assert.True(await _room.Catalog.DeleteLabelSetAsync("a", default));
        Assert.Null(await _room.Catalog.FindLabelSetAsync("a", default));
        await Assert.ThrowsAsync<ArgumentException>(() => _room.Tagger.TagCollectionAsync(new TagRequest("a", 0.5), null, new TagProgress(), default));
    }

    [Fact]
    public async Task Two_sets_may_suggest_one_tag_and_a_forgotten_set_takes_only_its_own_along()
    {
        await _room.Catalog.SaveLabelSetAsync(new LabelSet("reds", [new("red", ["red"])], ["{}"]), default);
        await RunAsync(0.5);
        var ofColours = await CountAsync("red");
        await _room.Tagger.TagCollectionAsync(new TagRequest("reds", 0.5), null, new TagProgress(), default);
        var ofBoth = await CountAsync("red");
        await _room.Tagger.TagCollectionAsync(new TagRequest("reds", 1), null, new TagProgress(), default);
        Assert.Equal(ofColours, await CountAsync("red"));
        await _room.Tagger.TagCollectionAsync(new TagRequest("reds", 0.5), null, new TagProgress(), default);
        var kept = await IdAsync("red 0.jpg");
        await _room.Catalog.SetTagAsync("red", [kept], isSo: true, default);

        await _room.Catalog.DeleteLabelSetAsync("colours", default);
        Assert.InRange(await CountAsync("red"), 1, ofBoth);
        Assert.Equal(0, await CountAsync("green"));
        await _room.Catalog.DeleteLabelSetAsync("reds", default);

        Assert.Equal((kept, TagState.Accepted, null), (await AllAsync()).Select(t => (t.Image, t.State, t.Source)).Single());
    }

    [Fact]
    public async Task What_a_person_said_can_be_taken_back()
    {
        await RunAsync(0.5);
        var (red, noise) = (await IdAsync("red 0.jpg"), await IdAsync("noise 3.jpg"));
        var before = await CountAsync("red");
        await _room.Catalog.SetTagAsync("red", [red], isSo: false, default);
        await _room.Catalog.SetTagAsync("hoilday", [noise], isSo: true, default);
        Assert.Equal(before - 1, await CountAsync("red"));

        Assert.Equal(1, await _room.Catalog.ForgetTagAsync("red", [red, noise], default));
        Assert.Equal(1, await _room.Catalog.ForgetTagAsync("hoilday", [noise], default));
        Assert.Equal(0, await _room.Catalog.ForgetTagAsync("no such tag", [noise], default));

        Assert.Equal(before, await CountAsync("red"));
        Assert.Equal(0, await CountAsync("hoilday"));
        Assert.Contains(await _room.Catalog.ReadReviewAsync("red", null, 100, default), t => t.Tag.Image == red);
    }

    [Fact]
    public async Task A_filter_leaves_the_tags_of_other_images_alone()
    {
        await RunAsync(0.5);
        var all = await AllAsync();
        var progress = new TagProgress();

        await _room.Tagger.TagCollectionAsync(
            new TagRequest("colours", 1, System.Text.Json.JsonElement.Parse("""{"tag": {"eq": "red"}}""")), null, progress, default);

        Assert.Equal(all.Count(t => t.Name == "red"), progress.Done);
        Assert.Equal(all.Where(t => t.Name != "red").Select(t => (t.Image, t.Name)), (await AllAsync()).Select(t => (t.Image, t.Name)));
        Assert.Throws<ArgumentException>(() => new TagRequest("colours", 0.5, System.Text.Json.JsonElement.Parse("""{"colour": 1}""")).Check());
    }

    [Fact]
    public async Task Each_text_of_a_set_is_embedded_once_and_a_huge_set_is_no_question_to_wait_for()
    {
        var set = new LabelSet("many", [.. Enumerable.Range(0, 200).Select(i => new Label($"thing {i}", [$"thing {i}"]))], LabelSet.DefaultTemplates);
        var before = _room.TextBatches;
        await _room.Tagger.PrepareAsync(set, default);
        var batches = _room.TextBatches - before;
        await _room.Tagger.PrepareAsync(set with { Name = "again" }, default);

        Assert.Equal((200 * (LabelSet.DefaultTemplates.Count + 3) + NeutralTexts.All.Count + 63) / 64, batches);
        Assert.Equal(before + batches, _room.TextBatches);
        var huge = set with { Labels = [.. set.Labels.Select(l => l with { Prompts = [l.Name, $"a {l.Name}", $"some {l.Name}"] })] };
        Assert.Contains("5400 texts", (await Assert.ThrowsAsync<ArgumentException>(() => _room.Tagger.PrepareAsync(huge, default))).Message, StringComparison.Ordinal);
    }

    private async Task<long> CountAsync(string tag) =>
        (await _room.Catalog.CountTagsAsync(default)).SingleOrDefault(c => c.Name == tag)?.Images ?? 0;

    private async Task<TagProgress> RunAsync(double threshold)
    {
        var progress = new TagProgress();
        await _room.Tagger.TagCollectionAsync(new TagRequest("colours", threshold), new JobId(7), progress, default);
        Assert.Equal(90, progress.Done);
        return progress;
    }

    private async Task<IReadOnlyList<ImageTag>> AllAsync() => await _room.Catalog.ReadTagsAsync(
        [.. (await _room.Catalog.ReadNewestAsync(0, 100, default)).Select(i => i.Id)], default);

    private async Task<ImageId> IdAsync(string path) => (await _room.Catalog.ReadNewestAsync(0, 100, default)).Single(i => i.Path == path).Id;
}
