using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Sightline.EndToEnd;

[Collection(SiteCollection.Name)]
public sealed class PageTests(Site site)
{
    [Fact]
    public async Task Words_bring_pictures_in_order_of_likeness_and_back_brings_the_start()
    {
        var (page, errors) = await site.OpenAsync("/");
        await Expect(page.Locator("#q")).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync("a red heart");
        await page.Keyboard.PressAsync("Enter");

        await Expect(page).ToHaveTitleAsync("a red heart · Sightline");
        await Expect(page.Locator(".grid li")).ToHaveCountAsync(60);

        // Pictures whose captions say it come first, then the others in order of likeness.
        await Expect(page.Locator(".grid li").First.Locator(".reason")).ToHaveTextAsync("caption");
        var scores = await page.Locator(".grid li:not(:has(.reason)) .sigma").AllTextContentsAsync();
        double[] values = [.. scores.Select(s => double.Parse(s.Replace(" σ", "", StringComparison.Ordinal), CultureInfo.InvariantCulture))];
        Assert.True(values.Length > 30);
        Assert.Equal(values.OrderDescending(), values);
        Assert.Equal("a red heart", await page.InputValueAsync("#q"));

        await page.GoBackAsync();
        await Expect(page.Locator("h1")).ToHaveTextAsync("Newest first");
        Assert.Empty(errors);
    }

    [Fact]
    public async Task Every_thumbnail_that_is_seen_is_a_picture_and_the_list_goes_on_to_the_end()
    {
        var (page, errors) = await site.OpenAsync("/?q=star&fold=false");
        await page.EvaluateAsync("async () => { while (document.getElementById('more')) { window.scrollTo(0, document.body.scrollHeight); await new Promise(requestAnimationFrame); } }");

        await Expect(page.Locator(".grid li")).ToHaveCountAsync(150);
        await page.EvaluateAsync("async () => { for (const image of document.querySelectorAll('.grid img')) { image.loading = 'eager'; await image.decode(); } }");
        Assert.Empty(errors);
    }

    [Fact]
    public async Task The_link_to_more_works_without_script()
    {
        var (page, _) = await site.OpenAsync("/?q=star&fold=false&offset=120");

        await Expect(page.Locator(".grid li")).ToHaveCountAsync(30);
        await Expect(page.Locator("#more")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task A_photo_opens_with_its_facts_and_arrows_lead_through_the_results()
    {
        var (page, errors) = await site.OpenAsync("/?q=a+cat");
        var first = await page.Locator(".grid li > a").Nth(0).GetAttributeAsync("href");
        var second = await page.Locator(".grid li > a").Nth(1).GetAttributeAsync("href");
        await page.Locator(".grid li > a").First.ClickAsync();

        await Expect(page.Locator(".caption")).Not.ToBeEmptyAsync();
        await Expect(page.GetByText("deviations above chance")).ToBeVisibleAsync();
        Assert.True(await page.EvaluateAsync<bool>("async () => { const image = document.querySelector('.stage img'); await image.decode(); return image.naturalWidth > 100; }"));
        await page.Keyboard.PressAsync("ArrowRight");
        await page.WaitForURLAsync("**" + second);
        await page.Keyboard.PressAsync("ArrowLeft");
        await page.WaitForURLAsync("**" + first);
        await page.Keyboard.PressAsync("Escape");
        await IsAtAsync(page, "/?q=a%20cat");
        Assert.Empty(errors);
    }

    [Fact]
    public async Task More_like_this_leads_to_the_like()
    {
        var (page, _) = await site.OpenAsync("/");
        await page.Locator(".grid li").First.HoverAsync();
        await page.Locator(".grid li").First.Locator(".like").ClickAsync();

        await Expect(page.Locator("h1")).ToHaveTextAsync("More like this");
        await Expect(page.Locator(".grid li")).ToHaveCountAsync(60);
    }

    [Fact]
    public async Task A_picture_that_is_chosen_finds_itself_first_and_survives_a_reload()
    {
        var file = Directory.GetFiles(site.Pictures, "000010-*.png").Single();
        var (page, errors) = await site.OpenAsync("/");
        await page.SetInputFilesAsync("#picture", file);

        await Expect(page.Locator("h1")).ToHaveTextAsync("More like your picture");
        await Expect(page.Locator(".grid .name").First).ToHaveTextAsync(Path.GetFileName(file));
        await page.ReloadAsync();
        await Expect(page.Locator(".grid .name").First).ToHaveTextAsync(Path.GetFileName(file));
        Assert.Empty(errors);
    }

    [Fact]
    public async Task A_picture_that_is_pasted_or_dropped_is_searched_by()
    {
        var bytes = Convert.ToBase64String(await File.ReadAllBytesAsync(Directory.GetFiles(site.Pictures, "000006-*.png").Single()));
        foreach (var (kind, member) in new[] { ("paste", "clipboardData"), ("drop", "dataTransfer") })
        {
            var (page, _) = await site.OpenAsync("/");
            await page.EvaluateAsync("""
                ([bytes, kind, member]) => {
                  const data = new DataTransfer();
                  data.items.add(new File([Uint8Array.from(atob(bytes), c => c.charCodeAt(0))], 'x.png', { type: 'image/png' }));
                  document.dispatchEvent(new (kind === 'paste' ? ClipboardEvent : DragEvent)(kind, { [member]: data, bubbles: true, cancelable: true }));
                }
                """, new[] { bytes, kind, member });
            await Expect(page.Locator("h1")).ToHaveTextAsync("More like your picture");
        }
    }

    [Fact]
    public async Task Something_that_is_no_picture_is_told_apart()
    {
        var (page, _) = await site.OpenAsync("/");
        await page.SetInputFilesAsync("#picture", new FilePayload { Name = "a.jpg", MimeType = "image/jpeg", Buffer = "no picture"u8.ToArray() });

        await Expect(page.Locator("#progress")).ToContainTextAsync("unknown_format");
    }

    [Fact]
    public async Task Keys_lead_through_box_history_and_grid()
    {
        var (page, _) = await site.OpenAsync("/?q=a+dog");
        await page.GotoAsync("/?q=a+boat");
        await page.Locator(".grid li > a").First.FocusAsync();
        await page.Keyboard.PressAsync("ArrowRight");
        Assert.Equal(1, await page.EvaluateAsync<int>("() => [...document.querySelectorAll('.grid li > a')].indexOf(document.activeElement)"));
        await page.Keyboard.PressAsync("ArrowDown");
        Assert.True(await page.EvaluateAsync<bool>("() => document.activeElement.getBoundingClientRect().top > document.querySelector('.grid li').getBoundingClientRect().bottom"));

        await page.Keyboard.PressAsync("Control+k");
        await Expect(page.Locator("#q")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("ArrowDown");
        await page.Keyboard.PressAsync("ArrowDown");
        Assert.Equal("a dog", await page.InputValueAsync("#q"));
        await page.Keyboard.PressAsync("Escape");
        Assert.Equal("", await page.InputValueAsync("#q"));
    }

    [Fact]
    public async Task The_status_page_lists_what_gave_no_picture_and_the_jobs_page_looks_again_when_asked()
    {
        var (page, errors) = await site.OpenAsync("/status");
        await Expect(page.Locator("td.path", new() { HasText = "broken.jpg" })).ToBeVisibleAsync();
        await page.GotoAsync("/jobs");
        await page.Locator(".again").ClickAsync();

        await Expect(page.Locator("#progress")).ToContainTextAsync("150 pictures are searchable");
        Assert.Empty(errors);
    }

    [Fact]
    public async Task Searches_follow_each_other_without_a_reload_and_back_leads_through_them()
    {
        var (page, errors) = await site.OpenAsync("/");
        await page.EvaluateAsync("() => { window.same = true; }");
        foreach (var words in new[] { "a boat", "a tree" })
        {
            await page.FillAsync("#q", words);
            await page.Keyboard.PressAsync("Enter");
            await Expect(page.Locator("h1")).ToHaveTextAsync(words);
        }

        await page.Locator(".segments a", new() { HasText = "Newest" }).ClickAsync();
        await IsAtAsync(page, "/?q=a%20tree&sort=newest");
        await page.GoBackAsync();
        await page.GoBackAsync();
        await Expect(page.Locator("h1")).ToHaveTextAsync("a boat");
        Assert.Equal("a boat", await page.InputValueAsync("#q"));
        Assert.True(await page.EvaluateAsync<bool>("() => window.same"));
        Assert.Empty(errors);
    }

    [Fact]
    public async Task Filters_open_by_keys_and_are_chips_that_can_be_taken_away()
    {
        var (page, errors) = await site.OpenAsync("/?q=a+star");
        await page.Keyboard.PressAsync("Control+Shift+K");
        await Expect(page.Locator("#filter-form")).ToBeVisibleAsync();
        await Expect(page.Locator("#facet-format option")).Not.ToHaveCountAsync(0);
        await page.SelectOptionAsync("select[name=orientation]", "square");
        await page.FillAsync("input[name=above]", "0.5");
        await page.Locator("#filter-form button").ClickAsync();

        await IsAtAsync(page, "/?q=a+star&orientation=square&above=0.5");
        await Expect(page.Locator(".chip")).ToHaveCountAsync(2);
        await page.Locator(".chip", new() { HasText = "σ" }).ClickAsync();
        await IsAtAsync(page, "/?q=a%20star&orientation=square");
        await Expect(page.Locator(".chip")).ToHaveCountAsync(1);
        Assert.Empty(errors);
    }

    [Fact]
    public async Task Several_pictures_are_chosen_with_shift_searched_by_put_aside_and_put_back()
    {
        var (page, errors) = await site.OpenAsync("/");
        var first = await page.Locator(".grid li").First.GetAttributeAsync("data-id");
        await page.Locator("#select").ClickAsync();
        await page.Locator(".grid li > a:first-child").Nth(0).ClickAsync();
        await page.Locator(".grid li > a:first-child").Nth(3).ClickAsync(new() { Modifiers = [KeyboardModifier.Shift] });
        await Expect(page.Locator("#selected")).ToHaveTextAsync("4 selected");
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.Locator("#selection")).ToBeHiddenAsync();

        await page.Locator(".grid li > a:first-child").Nth(0).ClickAsync(new() { Modifiers = [KeyboardModifier.Control] });
        await page.Locator("#selection-hide").ClickAsync();
        await Expect(page.Locator($".grid li[data-id='{first}']")).ToHaveCountAsync(0);
        await page.GotoAsync("/duplicates");
        await page.Locator($".hide[data-id='{first}']").ClickAsync();
        await Expect(page.Locator($".hide[data-id='{first}']")).ToHaveCountAsync(0);
        Assert.Empty(errors);
    }

    [Fact]
    public async Task A_search_is_kept_as_an_album_and_forgotten()
    {
        var (page, errors) = await site.OpenAsync("/?q=a+red+star&orientation=square");
        await page.Locator("#save").ClickAsync();
        await page.Locator("#ask-text").FillAsync("Red stars");
        await page.Keyboard.PressAsync("Enter");

        await IsAtAsync(page, "/albums");
        await Expect(page.Locator(".albums b")).ToHaveTextAsync("Red stars");
        await page.Locator(".albums li > a").ClickAsync();
        await IsAtAsync(page, "/?q=a%20red%20star&orientation=square");
        await page.GotoAsync("/albums");
        await page.Locator(".forget").ClickAsync();
        await Expect(page.Locator(".albums li")).ToHaveCountAsync(0);
        Assert.Empty(errors);
    }

    [Fact]
    public async Task Labels_are_written_down_run_over_the_pictures_and_judged_by_keys()
    {
        var (page, errors) = await site.OpenAsync("/tags");
        await page.FillAsync("input[name=name]", "shapes");
        await page.FillAsync("textarea[name=labels]", "star: a star\nheart: a heart\ncat");
        await page.Locator("#save-set").ClickAsync();
        await page.FillAsync("input[name=threshold]", "0.05");
        await page.Locator(".run-tags").ClickAsync();
        await Expect(page.Locator("#progress")).ToContainTextAsync("searchable");
        await page.ReloadAsync();

        await Expect(page.Locator(".review-card").First).ToBeVisibleAsync();
        var (image, tag) = (await page.Locator(".review-card .tag-right").First.GetAttributeAsync("data-id"), await page.Locator(".review-card .tag-right").First.GetAttributeAsync("data-tag"));
        var cards = await page.Locator(".review-card").CountAsync();
        await page.Keyboard.PressAsync("a");
        await Expect(page.Locator(".review-card")).ToHaveCountAsync(cards - 1);
        await page.Keyboard.PressAsync("r");
        await Expect(page.Locator(".review-card")).ToHaveCountAsync(cards - 2);

        await page.GotoAsync("/photo/" + image);
        await Expect(page.Locator(".tag:not(.guess)", new() { HasText = tag })).ToBeVisibleAsync();
        await page.Locator("#add-tag").ClickAsync();
        await page.FillAsync("#ask-text", "keepsake");
        await page.Keyboard.PressAsync("Enter");
        await page.Locator(".tag a", new() { HasText = "keepsake" }).ClickAsync();
        await IsAtAsync(page, "/?tag=keepsake");
        await Expect(page.Locator(".grid li")).ToHaveCountAsync(1);
        await Expect(page.Locator(".chip")).ToContainTextAsync("tag keepsake");
        await page.GotoAsync($"/photo/{image}");
        await page.GetByLabel("Take the tag keepsake away").ClickAsync();
        await Expect(page.Locator(".tag a", new() { HasText = "keepsake" })).ToHaveCountAsync(0);
        Assert.Empty(errors);
    }

    [Fact]
    public async Task Of_duplicates_the_largest_is_kept_and_the_others_are_put_aside()
    {
        var (page, errors) = await site.OpenAsync("/duplicates?above=0.9");
        var group = page.Locator(".group").First;
        await Expect(group.Locator("input:checked")).ToHaveCountAsync(1);
        var ids = await group.Locator("input[name=keep]:not(:checked)").EvaluateAllAsync<string[]>("boxes => boxes.map(b => b.value)");
        await group.Locator(".aside").ClickAsync();

        foreach (var id in ids)
        {
            await Expect(page.Locator($".hide[data-id='{id}']")).ToBeVisibleAsync();
            Assert.True((await page.APIRequest.PostAsync(site.Address + "/api/images/hide", new() { DataObject = new { ids = new[] { long.Parse(id, CultureInfo.InvariantCulture) }, hidden = false } })).Ok);
        }

        Assert.Empty(errors);
    }

    [Fact]
    public async Task A_photo_is_searched_by_with_a_difference()
    {
        var (page, errors) = await site.OpenAsync("/photo/3");
        await page.FillAsync("#but", "blue instead of red");
        await page.Keyboard.PressAsync("Enter");

        await Expect(page.Locator("h1")).ToHaveTextAsync("Like this, but blue instead of red");
        Assert.True(await page.Locator(".grid li").CountAsync() > 20);
        Assert.Empty(errors);
    }

    [Fact]
    public async Task Dark_follows_the_system_and_the_button_overrides_it()
    {
        var (page, _) = await site.OpenAsync("/help", dark: true);
        Assert.Equal("rgb(18, 19, 23)", await Background(page));
        await page.Locator("#theme").ClickAsync();
        Assert.Equal("rgb(251, 251, 253)", await Background(page));
        await page.ReloadAsync();
        Assert.Equal("rgb(251, 251, 253)", await Background(page));
    }

    public static TheoryData<string> Paths => ["/", "/?q=a+dog", "/?like=1", "/photo/1?n=0", "/albums", "/tags", "/duplicates", "/curation", "/curation/{dataset}", "/curation/{run}", "/training", "/training/clip-b32?compare=clip-small", "/training/dvae-16", "/training/prior-first", "/jobs", "/status", "/settings", "/help", "/?orientation=square&from=2020&megapixels=0.01", "/not-found", "/?like=99999"];

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task Pages_fit_every_width_and_are_accessible(string path)
    {
        path = await site.PathOfAsync(path);
        foreach (var (width, dark) in new[] { (390, false), (390, true), (1280, false), (1280, true), (3840, false) })
        {
            var (page, _) = await site.OpenAsync(path, width, dark: dark);
            if (path.StartsWith("/curation/", StringComparison.Ordinal))
            {
                // Histograms and samples are drawn once the server has counted.
                await Expect(page.Locator("#plots .plot")).Not.ToHaveCountAsync(0);
                await Expect(page.Locator("#samples .pair")).Not.ToHaveCountAsync(0);
            }

            if (path.StartsWith("/training", StringComparison.Ordinal))
            {
                await Expect(page.Locator(".curve[d^=M]")).Not.ToHaveCountAsync(0);
            }

            Assert.True(await page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= innerWidth"), $"{path} is wider than {width}");
            await page.EvaluateAsync(site.Axe);
            var violations = await page.EvaluateAsync<string[]>("""
                async () => (await axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }))
                  .violations.flatMap(v => v.nodes.map(n => `${v.id}: ${v.help}: ${n.html.slice(0, 120)}`))
                """);
            Assert.True(violations.Length == 0, string.Join('\n', violations));
            await page.Context.CloseAsync();
        }
    }

    // Asked again until it is so: an address that a script sets may come before anybody waits for it.
    private Task IsAtAsync(IPage page, string path) => Expect(page).ToHaveURLAsync(new Regex($"^{Regex.Escape(site.Address + path)}$"));

    private static Task<string> Background(IPage page) => page.EvaluateAsync<string>("() => getComputedStyle(document.body).backgroundColor");
}
