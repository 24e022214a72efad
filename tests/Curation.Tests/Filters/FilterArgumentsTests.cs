using System.Text.Json;
using Sightline.TestKit;

namespace Sightline.Curation.Tests;

public sealed class FilterArgumentsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public FilterArgumentsTests()
    {
        Directory.CreateDirectory(_folder.PathOf("lists/deep"));
        File.WriteAllText(_folder.PathOf("lists/words.txt"), "dog");
        File.WriteAllText(_folder.PathOf("lists/deep/words.txt"), "dog");
        File.WriteAllText(_folder.PathOf("secret.txt"), "secret");
        File.CreateSymbolicLink(_folder.PathOf("lists/link.txt"), _folder.PathOf("secret.txt"));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_recipe_from_the_page_reads_lists_from_their_folder() =>
        Assert.Equal(_folder.PathOf("lists/words.txt"), Arguments("words.txt", isConfined: true).File("words_file"));

    [Theory]
    [InlineData("../secret.txt")]
    [InlineData("deep/../../secret.txt")]
    [InlineData("deep/words.txt")]
    [InlineData("link.txt")]
    [InlineData("/etc/passwd")]
    [InlineData("nothing.txt")]
    public void And_no_other_file(string path)
    {
        var e = Assert.Throws<RecipeException>(() => Arguments(path, isConfined: true).File("words_file"));

        Assert.StartsWith("balance: words_file: ", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_name_is_none() => Assert.Null(Arguments("", isConfined: true).File("words_file"));

    [Fact]
    public void The_command_line_names_files_from_its_folder_on() =>
        Assert.Equal(_folder.PathOf("secret.txt"), Arguments("../secret.txt", isConfined: false).File("words_file"));

    private FilterArguments Arguments(string path, bool isConfined) => new(
        "balance", new Dictionary<string, JsonElement> { ["words_file"] = JsonSerializer.SerializeToElement(path) },
        new RecipeContext(_folder.PathOf("lists"), isConfined, name => throw new RecipeException(name)));
}
