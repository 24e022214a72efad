using System.Globalization;
using Microsoft.Playwright;
using Sightline.TestKit;
using static Microsoft.Playwright.Assertions;

namespace Sightline.EndToEnd;

/// <summary>The settings page: appearance on the shared site, the model on a server of its own, which starts again.</summary>
[Collection(SiteCollection.Name)]
public sealed class SettingsTests(Site site)
{
    [Fact]
    public async Task Appearance_is_kept_in_the_browser()
    {
        var (page, errors) = await site.OpenAsync("/settings");
        await page.SelectOptionAsync("select[name=theme]", "dark");
        await page.SelectOptionAsync("select[name=row]", "l");
        await page.CheckAsync("input[name=scores]");

        await page.GotoAsync("/?q=a+star");

        Assert.Equal("dark", await page.EvaluateAsync<string>("() => document.documentElement.dataset.theme"));
        Assert.Equal("320px", await page.EvaluateAsync<string>("() => getComputedStyle(document.documentElement).getPropertyValue('--row').trim()"));
        await Expect(page.Locator("#scores")).ToHaveAttributeAsync("aria-pressed", "true");
        await page.GotoAsync("/settings");
        await Expect(page.Locator("select[name=row]")).ToHaveValueAsync("l");
        await page.SelectOptionAsync("select[name=theme]", "");
        Assert.Null(await page.EvaluateAsync<string?>("() => localStorage.getItem('theme')"));
        Assert.Empty(errors);
    }

    [Fact]
    public async Task Another_model_is_chosen_and_the_collection_is_searchable_by_it_after_a_moment()
    {
        using var folder = new TemporaryFolder(passable: true);
        var data = folder.PathOf("data");
        await RunAsync(data, "demo-data", "40", "--out", folder.PathOf("pictures"), "--seed", "9");
        await RunAsync(data, "models", "add", Path.Combine(Repository.Root, "models", "sightline-clip-0"), "--name", "another");
        await RunAsync(data, "models", "add", Path.Combine(Repository.Root, "models", "sightline-clip-0"), "--name", "damaged");
        File.WriteAllText(Path.Combine(data, "models/damaged/model-00001-of-00002.safetensors"), "no weights");
        await RunAsync(data, "index", folder.PathOf("pictures"));
        var port = SightlineProcess.FreePort().ToString(CultureInfo.InvariantCulture);
        await using (var server = SightlineProcess.Start(data, "serve", "--port", port))
        {
            await server.WaitForAsync("Sightline is at");
            var (page, _) = await site.OpenAsync($"http://127.0.0.1:{port}/settings");
            await Expect(page.Locator(".model", new() { HasText = "sightline-clip-0" })).ToContainTextAsync("in use");
            await Expect(page.Locator(".model").First).ToContainTextAsync("Understands English, German, French, Czech, Chinese");

            // A model that cannot be served costs a moment: the one before comes back.
            await page.CheckAsync("input[value=damaged]");
            await page.Locator("#use-model").ClickAsync();
            await page.WaitForResponseAsync(response => response.Url.EndsWith("/settings", StringComparison.Ordinal) && response.Ok, new() { Timeout = 120_000 });
            await Expect(page.Locator(".model", new() { HasText = "sightline-clip-0" })).ToContainTextAsync("in use", new() { Timeout = 120_000 });
            Assert.Contains("damaged cannot be served", server.Errors, StringComparison.Ordinal);
            await page.CheckAsync("input[value=another]");
            await page.Locator("#use-model").ClickAsync();

            await Expect(page.Locator(".model", new() { HasText = "another" })).ToContainTextAsync("in use", new() { Timeout = 120_000 });

            // Ends after the job that the server began by itself.
            await RunAsync(data, "index", folder.PathOf("pictures"));
            await page.GotoAsync($"http://127.0.0.1:{port}/?q=a+star");
            await Expect(page.Locator(".grid li")).ToHaveCountAsync(40);
            Assert.Equal(0, await server.InterruptAsync());
        }

        await using var fixedModel = SightlineProcess.Start(data, "serve", "--port", port, "--model", "sightline-clip-0");
        await fixedModel.WaitForAsync("Sightline is at");
        var (settings, _) = await site.OpenAsync($"http://127.0.0.1:{port}/settings");
        await Expect(settings.Locator("input[value=another]")).ToBeDisabledAsync();
    }

    private static async Task RunAsync(string data, params string[] arguments)
    {
        var (exit, _, errors) = await SightlineProcess.RunAsync(data, arguments);
        Assert.True(exit == 0, errors);
    }
}
