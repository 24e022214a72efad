namespace Sightline.Curation.Tests;

public sealed class RecipeReaderTests
{
    [Theory]
    [InlineData("filters:\n  - caption_length: {min_words: 3}\n  - repetition\nseed: 7")]
    [InlineData("""{"seed": 7, "filters": [{"caption_length": {"min_words": 3}}, {"repetition": {}}]}""")]
    [InlineData("seed: 7\nfilters:\n- caption_length:\n    min_words: 3\n- repetition:")]
    public void Yaml_and_json_say_the_same(string text) => Assert.Equal(
        """{"seed":7,"filters":[{"caption_length":{"min_words":3}},{"repetition":{"max_repeated":0.5}}]}""", RecipeReader.Read(text).ToJson());

    [Fact]
    public void What_a_recipe_resolves_to_is_a_recipe_that_says_the_same()
    {
        var json = RecipeReader.Read("filters: [caption_shape, image_size: {max_aspect: 2}]").ToJson();

        Assert.Equal(json, RecipeReader.Read(json).ToJson());
    }

    [Fact]
    public void A_filter_that_stands_twice_is_one_with_the_later_settings() => Assert.Equal(
        """{"seed":0,"filters":[{"caption_length":{"min_characters":5,"min_words":4}}]}""",
        RecipeReader.Read("filters: [caption_length: {min_characters: 5, min_words: 3}, caption_length: {min_words: 4}]").ToJson());

    [Fact]
    public void A_default_that_is_switched_off_stays_so_when_the_recipe_is_written_out_and_read_again()
    {
        var json = RecipeReader.Read("filters: [caption_shape: {max_run: null, min_letters: ~}]").ToJson();

        Assert.Equal(
            """{"seed":0,"filters":[{"caption_shape":{"min_letters":null,"max_symbols":0.2,"max_digits":0.3,"max_capitals":0.8,"max_run":null}}]}""", json);
        Assert.Equal(json, RecipeReader.Read(json).ToJson());
        Assert.Equal(json, RecipeReader.Read("filters: [caption_shape, caption_shape: {max_run: null, min_letters: null}]").ToJson());
    }

    [Theory]
    [InlineData("filters: [caption_lenght]", "There is no filter caption_lenght; did you mean caption_length?")]
    [InlineData("preset: lajon", "There is no preset lajon; did you mean laion?")]
    [InlineData("filters: [size]", "did you mean image_size?")]
    [InlineData("filters: [caption_length: {min_word: 3}]", "caption_length has no setting min_word; did you mean min_words?")]
    [InlineData("filters: [caption_length: {min_words: many}]", "min_words is a whole number from 0 to 1000, not \"many\"")]
    [InlineData("filters: [caption_length: {min_words: 2.5}]", "not 2.5")]
    [InlineData("filters: [similarity: {min: 1.5}]", "min is a number from -1 to 1, not 1.5")]
    [InlineData("filters: [image_size: {keep_unknown: 1}]", "keep_unknown is true or false")]
    [InlineData("filters: [caption_length: {min_words: 9, max_words: 3}]", "caption_length: min_words is 9, above max_words, which is 3: nothing could pass.")]
    [InlineData("{preset: dalle, filters: [caption_length: {max_words: 2}]}", "min_words is 3, above max_words, which is 2")]
    [InlineData("filters: [image_size: {min_area: 5000, max_area: 400}]", "min_area is 5000, above max_area")]
    [InlineData("filters: [image_quality: {min_brightness: 0.95}]", "min_brightness is 0.95, above max_brightness, which is 0.9")]
    [InlineData("filters: [caption_tokens: {min_tokens: 9, max_tokens: 3}]", "min_tokens is 9, above max_tokens")]
    [InlineData("filter: []", "filter is none of these")]
    [InlineData("filters: caption_length", "filters is a list")]
    [InlineData("filters: [[caption_length]]", "A filter is its name")]
    [InlineData("preset: nonsense", "There is no preset nonsense")]
    [InlineData("- a", "A recipe is a mapping")]
    [InlineData("", "A recipe is one document")]
    [InlineData("filters: [", "The recipe is neither YAML nor JSON: line ")]
    [InlineData("seed: -1", "seed is a whole number")]
    public void What_is_not_understood_is_named(string text, string message) =>
        Assert.Contains(message, Assert.Throws<RecipeException>(() => RecipeReader.Read(text)).Message);

    [Theory]
    [InlineData("filters: [caption_length: {min_words: 3, max_words: 3}]")]
    [InlineData("{preset: dalle, filters: [caption_length: {min_words: null, max_words: 2}]}")]
    public void A_range_of_one_value_and_one_whose_end_is_open_are_ranges(string text) => Assert.NotEmpty(RecipeReader.Read(text).Filters);

    [Fact]
    public void What_would_cost_the_server_its_life_is_refused()
    {
        foreach (var text in new[]
        {
            "filters: &a [*a]", "a: &a [x]\nb: *a", "filters: " + new string('[', 100_000), new string('{', 50), "filters: [x]\0", new string('#', (1 << 20) + 1),
            "filters:\n  - caption_length: {min_words: 3\n  - language\n", "filters: [caption_length: {min_words: 'x",
        })
        {
            Assert.Throws<RecipeException>(() => RecipeReader.Read(text));
        }
    }

    [Fact]
    public void Settings_that_a_filter_cannot_do_without_are_asked_for()
    {
        var recipe = RecipeReader.Read("filters: [similarity]");

        var e = Assert.Throws<RecipeException>(() => recipe.Create(new RecipeContext("/", false, _ => throw new RecipeException("none"))));

        Assert.Equal("similarity: give min, the least cosine.", e.Message);
    }

    [Fact]
    public void Presets_are_recipes() => Assert.All(Presets.All, preset => Assert.NotEmpty(RecipeReader.Read($"preset: {preset.Name}").Filters));
}
