using System.Diagnostics;
using System.Text.RegularExpressions;
using Sightline.TestKit;
using static Microsoft.Playwright.Assertions;

namespace Sightline.EndToEnd;

/// <summary>The pages of training, over folders as trainings write them.</summary>
[Collection(SiteCollection.Name)]
public sealed class TrainingTests(Site site)
{
    [Fact]
    public async Task Trainings_are_listed_with_their_states_and_losses_and_lead_to_their_pages()
    {
        var (page, errors) = await site.OpenAsync("/training");
        foreach (var (name, state, told) in new[] { ("clip-b32", "finished", "4,000 of 4,000"), ("clip-small", "stopped", "2,600 of 4,000"), ("dvae-16", "running", "left"), ("prior-first", "failed", "no finite number") })
        {
            var row = page.Locator($".trainings > li[data-name='{name}']");
            await Expect(row.Locator(".state")).ToHaveTextAsync(state);
            await Expect(row).ToContainTextAsync(told);
            await Expect(row.Locator(".spark path")).ToHaveAttributeAsync("d", new Regex("^M"));
        }

        await page.Locator(".what a", new() { HasText = "clip-b32" }).ClickAsync();
        await Expect(page.Locator("h1")).ToHaveTextAsync("clip-b32");
        await Expect(page.Locator("nav a.active")).ToHaveTextAsync("Training");
        Assert.Empty(errors);
    }

    [Fact]
    public async Task A_training_shows_its_curves_its_best_step_and_its_configuration()
    {
        var (page, errors) = await site.OpenAsync("/training/clip-b32");
        await Expect(page.Locator("#training-page")).ToHaveAttributeAsync("data-following", "false");

        Assert.Equal(
            ["loss", "accuracy", "temperature", "recall_at_1", "recall_at_10", "rate", "images_per_second", "waiting", "gradient_norm"],
            await page.Locator(".chart").EvaluateAllAsync<string[]>("charts => charts.map(c => c.dataset.figure)"));
        var loss = page.Locator(".chart[data-figure=loss]");
        await Expect(loss.Locator(".curve.train:not(.faint)[d^=M]")).Not.ToHaveCountAsync(0);
        await Expect(loss.Locator("g .dots.validation[d^=M]")).ToHaveCountAsync(1);
        await Expect(loss.Locator(".best-line")).ToHaveCountAsync(1);
        await Expect(page.Locator("#summary")).ToHaveTextAsync("Finished after 4,000 of 4,000 steps.");
        await Expect(page.Locator("#best")).ToContainTextAsync(new Regex("at step [0-9],[0-9]{3}"));
        await Expect(page.Locator("#config")).ToContainTextAsync("batch: 512");
        await Expect(page.Locator("#resume")).ToBeHiddenAsync();
        Assert.Empty(errors);
    }

    [Fact]
    public async Task Values_are_told_under_the_pointer_and_by_keys()
    {
        var (page, _) = await site.OpenAsync("/training/clip-b32");
        var loss = page.Locator(".chart[data-figure=loss]");
        await Expect(loss.Locator(".at")).ToHaveTextAsync("latest");
        var box = (await loss.Locator(".plane").BoundingBoxAsync())!;
        await page.Mouse.MoveAsync(box.X + (box.Width / 2), box.Y + 60);
        await Expect(loss.Locator(".at")).ToHaveTextAsync(new Regex("^step (1,9|2,0)"));

        // All charts show the same step.
        await Expect(page.Locator(".chart[data-figure=waiting] .at")).ToHaveTextAsync(new Regex("^step (1,9|2,0)"));
        await page.Mouse.MoveAsync(2, 2);
        await Expect(loss.Locator(".at")).ToHaveTextAsync("latest");

        var plane = page.Locator(".chart[data-figure=recall_at_10] .plane");
        await plane.FocusAsync();
        await page.Keyboard.PressAsync("Home");
        await Expect(plane).ToHaveAttributeAsync("aria-valuetext", new Regex("^step 250: validation 0\\."));
        await page.Keyboard.PressAsync("ArrowRight");
        await Expect(plane).ToHaveAttributeAsync("aria-valuenow", "500");
        await page.Keyboard.PressAsync("End");
        await Expect(plane).ToHaveAttributeAsync("aria-valuenow", "4000");
    }

    [Fact]
    public async Task Scale_and_smoothing_are_chosen_and_remembered()
    {
        var (page, errors) = await site.OpenAsync("/training/clip-b32");
        var line = page.Locator(".chart[data-figure=loss] .plane .curve.train:not(.faint)").First;
        await Expect(line).ToHaveAttributeAsync("d", new Regex("^M"));
        var linear = await line.GetAttributeAsync("d");
        await page.Locator("#log").ClickAsync();
        await Expect(line).Not.ToHaveAttributeAsync("d", linear!);
        var smoothed = await line.GetAttributeAsync("d");
        await page.FillAsync("#smoothing", "0");
        await Expect(line).Not.ToHaveAttributeAsync("d", smoothed!);
        await Expect(page.Locator(".curve.faint")).ToHaveCountAsync(0);

        await page.ReloadAsync();
        await Expect(page.Locator("#log")).ToHaveAttributeAsync("aria-pressed", "true");
        await Expect(page.Locator("#smoothing")).ToHaveValueAsync("0");
        await Expect(line).ToHaveAttributeAsync("d", new Regex("^M"));
        await Expect(page.Locator(".curve.faint")).ToHaveCountAsync(0);
        Assert.Empty(errors);
    }

    [Fact]
    public async Task Two_trainings_are_laid_over_each_other_and_the_address_says_which()
    {
        var (page, errors) = await site.OpenAsync("/training/clip-b32");
        await page.SelectOptionAsync("#compare", "clip-small");
        await Expect(page.Locator(".chart[data-figure=loss] g .curve.of-1.train:not(.faint)[d^=M]")).ToHaveCountAsync(1);
        await Expect(page.Locator(".chart[data-figure=loss] .readout")).ToContainTextAsync("clip-small, validation");
        Assert.EndsWith("/training/clip-b32?compare=clip-small", page.Url, StringComparison.Ordinal);

        await page.ReloadAsync();
        await Expect(page.Locator("#compare")).ToHaveValueAsync("clip-small");
        await Expect(page.Locator("g .curve.of-1[d^=M]")).Not.ToHaveCountAsync(0);
        await page.SelectOptionAsync("#compare", "");
        await Expect(page.Locator(".curve.of-1")).ToHaveCountAsync(0);
        await page.GoBackAsync();
        await Expect(page.Locator("g .curve.of-1[d^=M]")).Not.ToHaveCountAsync(0);
        Assert.Empty(errors);
        await page.GotoAsync("/training/clip-b32?compare=nothing");
        await Expect(page.Locator("#problem")).ToHaveTextAsync("There is no training nothing.");
    }

    [Fact]
    public async Task A_training_at_work_is_followed_to_its_end_though_it_is_resumed_on_the_way()
    {
        var run = new TrainingFolder(Path.Combine(site.Training, "at work"));
        run.WriteRun("running", 20, 100);
        run.AddLine("train", 10, ("loss", 5));
        run.AddLine("train", 20, ("loss", 4.5));
        var (page, errors) = await site.OpenAsync("/training/at%20work");
        var shown = page.Locator("#training-page");
        await Expect(shown).ToHaveAttributeAsync("data-last", "20");
        await page.EvaluateAsync("() => { window.same = document.querySelector('.chart'); }");

        run.AddLine("train", 30, ("loss", 4));
        run.AddText(TrainingFolder.LineOf("train", 40, ("loss", 3))[..30]);
        run.WriteRun("running", 30, 100);
        await Expect(shown).ToHaveAttributeAsync("data-last", "30");
        await Expect(page.Locator("#summary")).ToContainTextAsync("30 of 100 steps done");
        run.AddText(TrainingFolder.LineOf("train", 40, ("loss", 3))[30..] + "\n");
        await Expect(shown).ToHaveAttributeAsync("data-last", "40");

        // From the checkpoint at step 10 on again.
        run.AddLine("train", 20, ("loss", 2.5));
        await Expect(shown).ToHaveAttributeAsync("data-last", "20");
        await Expect(page.Locator(".chart[data-figure=loss] .readout b")).ToContainTextAsync(new Regex("^(2|3)"));
        run.AddLine("train", 100, ("loss", double.NaN));
        run.AddSample("step-00000100.png", await File.ReadAllBytesAsync(Directory.GetFiles(site.Pictures, "*.png").First()));
        run.WriteRun("finished", 100, 100, bestStep: 20, bestScore: 0.5);
        await Expect(shown).ToHaveAttributeAsync("data-following", "false");
        await Expect(page.Locator("#state")).ToHaveTextAsync("finished");
        await Expect(page.Locator("#best")).ToHaveTextAsync("0.5 at step 20");
        await Expect(page.Locator(".film li")).ToHaveCountAsync(1);
        await Expect(page.Locator(".chart[data-figure=loss] .wrong")).ToHaveTextAsync("No finite number at step 100.");
        Assert.True(await page.EvaluateAsync<bool>("() => window.same === document.querySelector('.chart')"));
        Assert.Empty(errors);
    }

    [Fact]
    public async Task A_file_that_is_begun_again_is_read_from_its_beginning()
    {
        var run = new TrainingFolder(Path.Combine(site.Training, "begun again"));
        run.WriteRun("running", 50, 100);
        run.AddLine("train", 40, ("loss", 5));
        run.AddLine("train", 50, ("loss", 5));
        var (page, _) = await site.OpenAsync("/training/begun%20again");
        await Expect(page.Locator("#training-page")).ToHaveAttributeAsync("data-last", "50");

        File.Delete(run.Metrics);
        run.AddLine("train", 10, ("loss", 5));

        await Expect(page.Locator("#training-page")).ToHaveAttributeAsync("data-last", "10");
        run.WriteRun("finished", 100, 100);
    }

    [Fact]
    public async Task Stop_asks_the_process_and_the_page_says_how_to_go_on()
    {
        using var sleep = Process.Start("env", ["--default-signal=INT", "sleep", "100"]);
        var run = new TrainingFolder(Path.Combine(site.Training, "to stop"));
        run.WriteRun("running", 20, 100, process: (sleep.Id, TrainingFolder.StartTicksOf(sleep.Id)));
        var (page, errors) = await site.OpenAsync("/training/to%20stop");
        await Expect(page.Locator("#no-metrics")).ToBeVisibleAsync();
        await page.Locator("#stop").ClickAsync();

        await sleep.WaitForExitAsync();
        await Expect(page.Locator("#state")).ToHaveTextAsync("stopped");
        await Expect(page.Locator("#error")).ToContainTextAsync("Its process is gone");
        await Expect(page.Locator("#resume-command")).ToHaveTextAsync(new Regex("^\\./sightline train clip --config CONFIG\\.yaml --out '.*/to stop' --resume$"));
        await Expect(page.Locator("#stop")).ToBeHiddenAsync();
        Assert.Empty(errors);
    }

    [Fact]
    public async Task Samples_are_a_film_by_step_and_open_large()
    {
        var (page, errors) = await site.OpenAsync("/training/dvae-16");
        await Expect(page.Locator(".film li")).ToHaveCountAsync(8);
        await Expect(page.Locator(".film .is-best")).ToHaveTextAsync("step 2,000");
        await page.Locator(".film button").Nth(6).ClickAsync();
        await Expect(page.Locator("#sample-words")).ToHaveTextAsync("step 1,750 · 7 of 8");
        Assert.True(await page.EvaluateAsync<bool>("async () => { const image = document.querySelector('#lightbox img'); await image.decode(); return image.naturalWidth === 576; }"));
        await page.Keyboard.PressAsync("ArrowRight");
        await Expect(page.Locator("#sample-words")).ToHaveTextAsync("step 2,000 · 8 of 8");
        await Expect(page.Locator("#sample-after")).ToBeDisabledAsync();
        await page.Keyboard.PressAsync("ArrowLeft");
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.Locator("#lightbox")).ToBeHiddenAsync();
        Assert.Empty(errors);
    }

    [Fact]
    public async Task A_training_that_is_not_there_is_not_found()
    {
        var (page, errors) = await site.OpenAsync("/training/nothing");
        await Expect(page.Locator("h1")).ToHaveTextAsync("There is no such page or picture");
        Assert.All(errors, e => Assert.Contains("404", e, StringComparison.Ordinal));
    }
}
