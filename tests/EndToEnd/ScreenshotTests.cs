using static Microsoft.Playwright.Assertions;

namespace Sightline.EndToEnd;

/// <summary>
/// Pictures of every page at the widths that people have, for docs/screenshots: written where SIGHTLINE_SCREENSHOTS names a folder.
/// What a page shows is checked in PageTests; here, that each can be drawn whole.
/// </summary>
[Collection(SiteCollection.Name)]
public sealed class ScreenshotTests(Site site)
{
    [Theory]
    [InlineData("search", "/?q=a+dog")]
    [InlineData("start", "/")]
    [InlineData("photo", "/photo/5?q=a+dog&n=0")]
    [InlineData("like", "/?like=7")]
    [InlineData("filtered", "/?q=a+star&orientation=square&above=0.5&sort=newest")]
    [InlineData("duplicates", "/duplicates?above=0.9")]
    [InlineData("albums", "/albums")]
    [InlineData("tags", "/tags")]
    [InlineData("curation", "/curation")]
    [InlineData("workbench", "/curation/{dataset}")]
    [InlineData("run", "/curation/{run}")]
    [InlineData("trainings", "/training")]
    [InlineData("training", "/training/clip-b32?compare=clip-small")]
    [InlineData("training-samples", "/training/dvae-16")]
    [InlineData("training-failed", "/training/prior-first")]
    [InlineData("jobs", "/jobs")]
    [InlineData("status", "/status")]
    [InlineData("settings", "/settings")]
    [InlineData("help", "/help")]
    [InlineData("missing", "/?like=99999")]
    public async Task Every_page_is_drawn(string name, string path)
    {
        foreach (var (suffix, width, height, dark) in new[] { ("1280", 1280, 860, false), ("390", 390, 844, false), ("1280-dark", 1280, 860, true), ("390-dark", 390, 844, true) })
        {
            var (page, _) = await site.OpenAsync(await site.PathOfAsync(path), width, height, dark);
            if (path.StartsWith("/curation/", StringComparison.Ordinal))
            {
                await Expect(page.Locator("#plots .plot")).Not.ToHaveCountAsync(0);
            }

            if (path.StartsWith("/training", StringComparison.Ordinal))
            {
                await Expect(page.Locator(".curve[d^=M]")).Not.ToHaveCountAsync(0);
            }

            await page.EvaluateAsync("async () => { for (const image of document.images) { if (image.getBoundingClientRect().top < innerHeight) { await image.decode(); } } }");
            var bytes = await page.ScreenshotAsync(new() { Type = Microsoft.Playwright.ScreenshotType.Jpeg, Quality = 82 });
            Assert.True(bytes.Length > 8_000);
            if (Environment.GetEnvironmentVariable("SIGHTLINE_SCREENSHOTS") is { Length: > 0 } folder)
            {
                Directory.CreateDirectory(folder);
                await File.WriteAllBytesAsync(Path.Combine(folder, $"{name}-{suffix}.jpg"), bytes);
            }

            await page.Context.CloseAsync();
        }
    }
}
