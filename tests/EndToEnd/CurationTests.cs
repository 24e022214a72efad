using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Sightline.EndToEnd;

/// <summary>The pages of curation, over the site's catalogue.</summary>
[Collection(SiteCollection.Name)]
public sealed class CurationTests(Site site)
{
    [Fact]
    public async Task What_is_indexed_is_imported_by_a_click_and_forgotten_by_two()
    {
        var (page, errors) = await site.OpenAsync("/curation");
        await page.FillAsync("#import input[name=name]", "by a click");
        await page.Locator("#import button").ClickAsync();

        await Expect(page.Locator("h1")).ToHaveTextAsync("by a click");
        await Expect(page.Locator("#kept")).ToHaveTextAsync("150");
        await page.GotoAsync("/curation");
        var row = page.Locator(".datasets > li[data-name='by a click']");
        await Expect(row).ToContainTextAsync("150 pairs");
        await Expect(row.Locator(".state")).ToHaveTextAsync("ready");
        await row.Locator(".forget-dataset").ClickAsync();
        await page.Locator("dialog button[value=no]").ClickAsync();
        await Expect(row).ToHaveCountAsync(1);
        await row.Locator(".forget-dataset").ClickAsync();
        await page.Locator("dialog button[value=yes]").ClickAsync();
        await Expect(row).ToHaveCountAsync(0);
        await page.ReloadAsync();
        await Expect(row).ToHaveCountAsync(0);
        Assert.Empty(errors);
    }

    [Fact]
    public async Task What_cannot_be_imported_is_told_beside_the_form()
    {
        var (page, _) = await site.OpenAsync("/curation");
        await page.FillAsync("#import input[name=name]", "elsewhere");
        await page.CheckAsync("#import input[value=files]");
        await page.FillAsync("#import input[name=path]", "/etc");
        await page.Locator("#import .button").ClickAsync();

        await Expect(page.Locator("#import .problem")).ToContainTextAsync("/etc is not in an indexed folder");
    }

    [Fact]
    public async Task A_handle_that_is_dragged_moves_the_funnel_and_the_address_and_back_takes_it_back()
    {
        var (page, errors) = await site.OpenAsync(await site.DatasetAsync());
        await Expect(page.Locator("#kept")).ToHaveTextAsync("150");
        var handle = page.Locator("#plots .handle[data-filter=caption_length][data-setting=min_words]");
        await handle.ScrollIntoViewIfNeededAsync();
        var box = (await handle.BoundingBoxAsync())!;
        var (x, y) = (box.X + (box.Width / 2), box.Y + 8);
        await page.Mouse.MoveAsync(x, y);
        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync(x + 20, y, new() { Steps = 40 });
        await Expect(page.Locator("#funnel li[data-filter=caption_length]")).ToBeVisibleAsync();
        await page.Mouse.UpAsync();
        await SettledAsync(page);
        var words = int.Parse((await handle.GetAttributeAsync("aria-valuenow"))!, CultureInfo.InvariantCulture);
        Assert.InRange(words, 2, 8);
        Assert.Equal(words.ToString(CultureInfo.InvariantCulture), await page.InputValueAsync(".card[data-filter=caption_length] label[data-setting=min_words] input"));
        Assert.Contains($"min_words: {words}", await page.InputValueAsync("#yaml"), StringComparison.Ordinal);
        Assert.Contains($"\"min_words\":{words}", Uri.UnescapeDataString(page.Url), StringComparison.Ordinal);
        var counted = await KeptAsync(site, await site.DatasetAsync(), $"filters: [caption_length: {{min_words: {words}}}]");
        await Expect(page.Locator("#kept")).ToHaveTextAsync(counted.ToString(CultureInfo.InvariantCulture));

        // While it moved, at most five requests a second; that at its end comes at once.
        var times = await page.EvaluateAsync<double[]>("() => performance.getEntriesByType('resource').filter(e => e.name.endsWith('/preview')).map(e => e.startTime)");
        Assert.True(times.Length > 2);
        Assert.All(times.Zip(times.Skip(1)).SkipLast(1), pair => Assert.True(pair.Second - pair.First > 150, $"{pair.Second - pair.First} ms"));

        await handle.FocusAsync();
        await page.Keyboard.PressAsync("ArrowRight");
        await Expect(handle).ToHaveAttributeAsync("aria-valuetext", $"{words + 1} words");
        await SettledAsync(page);
        await page.GoBackAsync();
        await Expect(handle).ToHaveAttributeAsync("aria-valuetext", $"{words} words");
        await page.ReloadAsync();
        await Expect(page.Locator("#kept")).ToHaveTextAsync(counted.ToString(CultureInfo.InvariantCulture));
        await handle.FocusAsync();
        await page.Keyboard.PressAsync("Home");
        await Expect(handle).ToHaveAttributeAsync("aria-valuetext", "not used");
        await Expect(page.Locator("#kept")).ToHaveTextAsync("150");
        Assert.Empty(errors);
    }

    [Fact]
    public async Task Every_filter_of_the_server_can_be_added_and_removed()
    {
        var (page, _) = await site.OpenAsync(await site.DatasetAsync());
        var filters = await JsonAsync(page, "/api/curation/filters");
        foreach (var filter in filters.EnumerateArray())
        {
            var name = filter.GetProperty("name").GetString();
            await page.Locator("#add summary").ClickAsync();
            await page.Locator($".offer[data-filter={name}]").ClickAsync();
            var card = page.Locator($".card[data-filter={name}]");
            await Expect(card.Locator("h3")).ToHaveTextAsync(filter.GetProperty("title").GetString()!);
            await Expect(card.Locator("label[data-setting]")).ToHaveCountAsync(filter.GetProperty("parameters").GetArrayLength());
        }

        await Expect(page.Locator("#add")).ToBeHiddenAsync();
        foreach (var filter in filters.EnumerateArray())
        {
            await page.GetByLabel($"Remove {filter.GetProperty("title").GetString()}", new() { Exact = true }).ClickAsync();
        }

        await Expect(page.Locator(".card")).ToHaveCountAsync(0);
        await Expect(page.Locator("#kept")).ToHaveTextAsync("150");
    }

    [Fact]
    public async Task Text_and_controls_say_the_same_and_errors_stand_where_they_are()
    {
        var (page, _) = await site.OpenAsync(await site.DatasetAsync());
        await Expect(page.Locator("#kept")).ToHaveTextAsync("150");
        await page.Locator("#as-text summary").ClickAsync();
        await page.FillAsync("#yaml", "# long ones\nfilters:\n  - caption_length: {min_words: 4}\n  - caption_shap");
        await Expect(page.Locator("#yaml-problem")).ToContainTextAsync("did you mean caption_shape?");
        await page.FillAsync("#yaml", "filters: [");
        await Expect(page.Locator("#yaml-problem")).ToContainTextAsync("neither YAML nor JSON: line");
        await Expect(page.Locator("#run")).ToBeDisabledAsync();

        await page.FillAsync("#yaml", "# long ones\nfilters:\n  - caption_length: {min_words: 4}\n  - caption_shape: {max_run: null}");
        await Expect(page.Locator(".card")).ToHaveCountAsync(2);
        await Expect(page.Locator("#yaml-problem")).ToBeHiddenAsync();
        await Expect(page.Locator("label[data-setting=min_words] input")).ToHaveValueAsync("4");
        await Expect(page.Locator("label[data-setting=max_run] input")).ToHaveValueAsync("");
        await Expect(page.Locator("label[data-setting=max_symbols] input")).ToHaveValueAsync("20");
        await SettledAsync(page);
        Assert.StartsWith("# long ones", await page.InputValueAsync("#yaml"), StringComparison.Ordinal);

        await page.FillAsync("label[data-setting=max_symbols] input", "150");
        await page.Keyboard.PressAsync("Tab");
        await Expect(page.Locator(".card[data-filter=caption_shape] .problem")).ToContainTextAsync("max_symbols is a number from 0 to 1, not 1.5");
        await Expect(page.Locator("label[data-setting=max_symbols] input")).ToHaveAttributeAsync("aria-invalid", "true");
        await page.FillAsync("label[data-setting=max_symbols] input", "25");
        await page.Keyboard.PressAsync("Tab");
        await Expect(page.Locator("#yaml")).ToHaveValueAsync("filters:\n  - caption_length:\n      min_words: 4\n  - caption_shape:\n      max_symbols: 0.25\n      max_run: null\n");
        await Expect(page.Locator(".card .problem:visible")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task A_recipe_is_saved_loaded_and_deleted()
    {
        var (page, errors) = await site.OpenAsync(await site.DatasetAsync() + Recipe("""{"filters":[{"caption_length":{"min_words":3}}]}"""));
        await page.FillAsync("#save-recipe input", "three words");
        await page.Locator("#save-recipe button").ClickAsync();
        await Expect(page.Locator("#save-recipe [role=status]")).ToHaveTextAsync("Saved.");
        await page.GotoAsync(await site.DatasetAsync());
        await page.ReloadAsync();
        await page.EvaluateAsync("() => { document.getElementById('start').open = true; }");
        await page.Locator(".offer[data-recipe='three words']").ClickAsync();
        await Expect(page.Locator("label[data-setting=min_words] input")).ToHaveValueAsync("3");
        await SettledAsync(page);
        Assert.Contains("min_words", page.Url, StringComparison.Ordinal);

        await page.EvaluateAsync("() => { document.getElementById('start').open = true; }");
        await page.GetByLabel("Delete the recipe three words").ClickAsync();
        await page.Locator("dialog button[value=yes]").ClickAsync();
        await Expect(page.Locator(".offer[data-recipe='three words']")).ToHaveCountAsync(0);
        Assert.Empty(errors);
    }

    [Fact]
    public async Task Presets_are_starting_points()
    {
        var (page, errors) = await site.OpenAsync(await site.DatasetAsync());
        var presets = await JsonAsync(page, "/api/curation/presets");
        foreach (var preset in presets.EnumerateArray())
        {
            var recipe = preset.GetProperty("recipe").GetString()!;
            var preview = await PreviewAsync(site, await site.DatasetAsync(), recipe);
            await page.EvaluateAsync("() => { document.getElementById('start').open = true; }");
            await page.Locator($".offer[data-preset='{preset.GetProperty("name").GetString()}']").ClickAsync();
            await SettledAsync(page);

            // No model has looked at the site's pairs.
            if (recipe.Contains("similarity", StringComparison.Ordinal))
            {
                Assert.False(preview.Ok);
                await Expect(page.Locator("#yaml-problem")).ToContainTextAsync("no pair of this dataset has a similarity. Measure it first");
                continue;
            }

            Assert.True(preview.Ok, await preview.TextAsync());
            await Expect(page.Locator("#yaml-problem")).ToBeHiddenAsync();
            await Expect(page.Locator(".card")).ToHaveCountAsync(JsonElement.Parse(await preview.TextAsync()).GetProperty("resolved").GetProperty("filters").GetArrayLength());
        }

        Assert.All(errors, e => Assert.Contains("400", e, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Filters_of_groups_are_counted_once_nothing_moves()
    {
        const string Groups = """{"filters":[{"caption_length":{"min_words":2}},{"random_subset":{"count":7}}]}""";
        var (page, errors) = await site.OpenAsync(await site.DatasetAsync() + Recipe(Groups));
        await SettledAsync(page);

        await Expect(page.Locator("#kept")).ToHaveTextAsync("7");
        await Expect(page.Locator("#about")).ToBeHiddenAsync();
        await Expect(page.Locator("#funnel li[data-filter=random_subset] .lost")).ToContainTextAsync("%");
        await Expect(page.Locator(".card[data-filter=random_subset] .only-run")).ToBeHiddenAsync();
        Assert.Empty(errors);
    }

    [Fact]
    public async Task A_choice_that_files_alone_have_is_shown_for_files_alone()
    {
        var (page, _) = await site.OpenAsync("/curation");
        await Expect(page.Locator("#import input[name=keepUncaptioned]")).ToBeHiddenAsync();
        await page.CheckAsync("#import input[value=files]");
        await Expect(page.Locator("#import input[name=keepUncaptioned]")).ToBeVisibleAsync();
        await page.GotoAsync("/help");
        await Expect(page.Locator("h2", new() { HasTextString = "Curation" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Samples_of_each_reason_are_shown_and_decided_on()
    {
        var (page, errors) = await site.OpenAsync(await site.DatasetAsync() + Recipe("""{"filters":[{"caption_length":{"min_words":8}}]}"""));
        await SettledAsync(page);
        await page.Locator("#tabs [data-code='kept']").ClickAsync();
        await Expect(page.Locator("#samples .pair")).ToHaveCountAsync(12);
        await Expect(page.Locator("#samples")).ToHaveAttributeAsync("aria-label", "Kept");
        Assert.True(await page.EvaluateAsync<bool>("async () => { const image = document.querySelector('#samples img'); image.loading = 'eager'; await image.decode(); return image.naturalWidth > 50; }"));
        await page.Keyboard.PressAsync("ArrowRight");
        await Expect(page.Locator("#samples")).ToHaveAttributeAsync("aria-label", "fewer than 8 words");
        var pair = page.Locator("#samples .pair").First;
        await pair.GetByText("Keep", new() { Exact = true }).ClickAsync();
        await Expect(pair.Locator(".said")).ToHaveTextAsync("you keep it");
        await pair.GetByText("Undo", new() { Exact = true }).ClickAsync();
        await Expect(pair.GetByText("Drop", new() { Exact = true })).ToBeVisibleAsync();
        Assert.Empty(errors);
    }

    [Fact]
    public async Task A_run_is_followed_stored_looked_through_and_compared()
    {
        var (page, errors) = await site.OpenAsync(await site.DatasetAsync() + Recipe("""{"filters":[{"caption_length":{"min_words":8}}]}"""));
        await SettledAsync(page);
        var kept = await page.TextContentAsync("#kept");
        await page.Locator("#run").ClickAsync();
        await page.Locator("#run-progress a").ClickAsync();

        await Expect(page.Locator("h1")).ToHaveTextAsync(new Regex("^Run [0-9]+$"));
        await Expect(page.Locator("#kept")).ToHaveTextAsync(kept!);
        await Expect(page.Locator("#funnel > li")).ToHaveCountAsync(2);
        await page.Locator("#tabs [data-code='kept']").ClickAsync();
        await Expect(page.Locator("#samples .pair")).ToHaveCountAsync(24);
        await page.Locator("#more-pairs").ClickAsync();
        await Expect(page.Locator("#samples .pair")).ToHaveCountAsync(48);

        // A pair that is dropped by hand has a tab of its own, until that is undone.
        var first = page.Locator("#samples .pair").First;
        var row = await first.GetAttributeAsync("data-row");
        await first.GetByText("Drop", new() { Exact = true }).ClickAsync();
        await Expect(first.Locator(".said")).ToHaveTextAsync("you drop it");
        await Expect(page.Locator("#by-hand")).ToContainTextAsync("1 dropped");
        await page.ReloadAsync();
        await page.Locator("#tabs [data-code='by_hand']").ClickAsync();
        await Expect(page.Locator($"#samples .pair[data-row='{row}']")).ToBeVisibleAsync();
        await page.GetByLabel($"Undo: pair {row}").ClickAsync();
        await page.ReloadAsync();
        await Expect(page.Locator("#tabs [data-code='kept']")).ToBeVisibleAsync();
        await Expect(page.Locator("#tabs [data-code='by_hand']")).ToHaveCountAsync(0);

        var runPage = page.Url;
        await page.Locator("#again").ClickAsync();
        await Expect(page.Locator("label[data-setting=min_words] input")).ToHaveValueAsync("8");
        await page.FillAsync("label[data-setting=min_words] input", "10");
        await page.Keyboard.PressAsync("Tab");
        await SettledAsync(page);
        await page.Locator("#run").ClickAsync();
        await page.Locator("#run-progress a").ClickAsync();
        var other = runPage.Split('/')[^1];
        await page.SelectOptionAsync("#with", other);
        await Expect(page.Locator("#funnel li[data-filter=caption_length] > .note")).ToContainTextAsync($"run {other} drops");
        await page.Locator("#forget-run").ClickAsync();
        await page.Locator("dialog button[value=yes]").ClickAsync();
        await Expect(page.Locator("#runs li")).Not.ToHaveCountAsync(0);
        Assert.Empty(errors);
    }

    [Fact]
    public async Task What_a_run_keeps_is_exported_and_its_files_are_offered()
    {
        var (page, errors) = await site.OpenAsync(await site.DatasetAsync() + Recipe("""{"filters":[{"caption_length":{"min_words":2}}]}"""));
        await SettledAsync(page);
        await page.Locator("#run").ClickAsync();
        await page.Locator("#run-progress a").ClickAsync();
        await page.SelectOptionAsync("#export [name=format]", "jsonl");
        await page.FillAsync("#export [name=splits]", "train=0.5, val");
        await page.Locator("#export button").ClickAsync();
        await Expect(page.Locator("#export .problem")).ToContainTextAsync("not val");
        await page.FillAsync("#export [name=splits]", "train=0.5, val=0.5");
        await page.Locator("#export button").ClickAsync();

        await Expect(page.Locator("#export-list .files a")).ToHaveCountAsync(2);
        var link = await page.Locator("#export-list .files a").First.GetAttributeAsync("href");
        var file = await page.APIRequest.GetAsync(link!);
        await page.ReloadAsync();
        await Expect(page.Locator("#export-list .files a")).ToHaveCountAsync(2);

        Assert.True(file.Ok);
        Assert.NotEmpty(JsonElement.Parse((await file.TextAsync()).Split('\n')[0]).GetProperty("caption").GetString()!);
        Assert.Empty(errors);
    }

    [Fact]
    public async Task Runs_and_datasets_that_are_not_there_are_not_found()
    {
        var (page, errors) = await site.OpenAsync("/curation/runs/999999");
        await Expect(page.Locator("h1")).ToHaveTextAsync("There is no such page or picture");
        Assert.All(errors, e => Assert.Contains("404", e, StringComparison.Ordinal));
        await page.GotoAsync("/curation/no such dataset");
        await Expect(page.Locator("h1")).ToHaveTextAsync("There is no such page or picture");
    }

    private static string Recipe(string json) => "#" + Uri.EscapeDataString(json);

    private static Task SettledAsync(IPage page) => Expect(page.Locator("#bench")).ToHaveAttributeAsync("data-settled", "true");

    private static async Task<JsonElement> JsonAsync(IPage page, string path) => JsonElement.Parse(await (await page.APIRequest.GetAsync(path)).TextAsync());

    private static async Task<int> KeptAsync(Site site, string dataset, string recipe) =>
        JsonElement.Parse(await (await PreviewAsync(site, dataset, recipe)).TextAsync()).GetProperty("report").GetProperty("kept").GetInt32();

    private static async Task<IAPIResponse> PreviewAsync(Site site, string dataset, string recipe)
    {
        var (page, _) = await site.OpenAsync("/healthz");
        return await page.APIRequest.PostAsync($"/api/curation/datasets/{dataset.Split('/')[^1]}/preview", new() { DataObject = new { recipe } });
    }
}
