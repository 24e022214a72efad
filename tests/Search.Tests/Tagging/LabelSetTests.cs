namespace Sightline.Search.Tests;

public sealed class LabelSetTests
{
    [Fact]
    public void Text_is_read_line_by_line()
    {
        var set = LabelSet.Parse("animals", "# mine\ndog\n\ncat: a cat | a kitten \r\n  beach  ");

        Assert.Equal(["dog", "cat", "beach"], set.Labels.Select(l => l.Name));
        Assert.Equal(["a cat", "a kitten"], set.Labels[1].Prompts);
        Assert.Equal(["beach"], set.Labels[2].Prompts);
    }

    [Theory]
    [InlineData("", "1 to 2000")]
    [InlineData("dog\nDOG", "twice")]
    [InlineData("dog: | ", "Line 1")]
    [InlineData(": a", "Line 1")]
    [InlineData("do\0g", "control")]
    public void What_is_no_set_is_refused(string text, string part) =>
        Assert.Contains(part, Assert.Throws<ArgumentException>(() => LabelSet.Parse("x", text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Sets_labels_and_templates_have_bounds()
    {
        Assert.Throws<ArgumentException>(() => LabelSet.Parse("x", string.Join('\n', Enumerable.Range(0, 10_000))));
        Assert.Throws<ArgumentException>(() => LabelSet.Parse("x", new string('a', 10_000)));
        Assert.Throws<ArgumentException>(() => LabelSet.Parse(" ", "dog"));
        Assert.Throws<ArgumentException>(() => (LabelSet.Parse("x", "dog") with { Templates = ["a photo"] }).Check());
        Assert.Throws<ArgumentException>(() => (LabelSet.Parse("x", "dog") with { Templates = [null!] }).Check());
        Assert.Throws<ArgumentException>(() => new LabelSet("x", [new Label("dog", ["dog"], 1.5)], ["{}"]).Check());
        Assert.Contains("54000 texts", Assert.Throws<ArgumentException>(() => new LabelSet(
            "x", [.. Enumerable.Range(0, 2_000).Select(i => new Label($"l{i}", ["a", "b", "c"]))], LabelSet.DefaultTemplates).Check()).Message, StringComparison.Ordinal);
    }
}
