namespace Sightline.Search.Tests;

public sealed class RobotsTagTests
{
    [Theory]
    [InlineData("noai", "noai")]
    [InlineData("NoImageAI, nofollow", "noimageai")]
    [InlineData("nofollow , noindex", "noindex")]
    [InlineData("all", null)]
    [InlineData("", null)]
    [InlineData("nonoai", null)]
    [InlineData("sightline: noai", "noai")]
    [InlineData("*: noai", "noai")]
    [InlineData("otherbot: noai, noindex", null)]
    [InlineData("otherbot: noai, Sightline: noindex", "noindex")]
    [InlineData("noindex, otherbot: noai", "noindex")]
    [InlineData("unavailable_after: 25 Jun 2010 15:00:00 PST, noai", "noai")]
    [InlineData("otherbot: max-snippet:20, noai", null)]
    [InlineData("max-image-preview: large, noimageindex", "noimageindex")]
    public void Directives_hold_for_all_or_for_the_robot_they_name(string value, string? found) =>
        Assert.Equal(found, RobotsTag.Find(value, "Sightline", ["noai", "noimageai", "noindex", "noimageindex"]));
}
