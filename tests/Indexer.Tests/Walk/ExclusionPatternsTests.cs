using Sightline.Indexer.Walk;

namespace Sightline.Indexer.Tests.Walk;

public sealed class ExclusionPatternsTests
{
    [Theory]
    [InlineData("*.tmp.jpg", "a/b.tmp.jpg", true)]
    [InlineData("*.tmp.jpg", "a/b.jpg", false)]
    [InlineData("cache", "a/cache/b.jpg", true)]
    [InlineData("cache", "a/cached/b.jpg", false)]
    [InlineData("**/cache/**", "a/cache/b.jpg", true)]
    [InlineData("/a/*.jpg", "a/b.jpg", true)]
    [InlineData("/a/*.jpg", "a/c/b.jpg", false)]
    [InlineData("a/**/z.jpg", "a/b/c/z.jpg", true)]
    [InlineData("a/**/z.jpg", "a/z.jpg", true)]
    [InlineData("trip?/", "trip1/x.png", true)]
    [InlineData("", ".thumbnails/x.png", true)]
    [InlineData("", "@eaDir/x.png", true)]
    [InlineData("", "x.png", false)]
    [InlineData("a+b(c)", "a+b(c)/x.png", true)]
    public void Patterns_exclude_as_gitignores_do(string pattern, string path, bool excluded) =>
        Assert.Equal(excluded, new ExclusionPatterns([pattern]).Excludes(path));
}
