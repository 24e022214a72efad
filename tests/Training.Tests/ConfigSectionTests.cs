using System.Text.Json.Nodes;

namespace Sightline.Training.Tests;

public sealed class ConfigSectionTests
{
    private static ConfigSection Read(string json) => new("", (JsonObject)JsonNode.Parse(json)!);

    [Fact]
    public void What_nobody_reads_is_an_error_that_names_its_place()
    {
        var config = Read("""{"model": {"width": 64, "widht": 32}}""");
        Assert.Equal(64, config.Section("model").Integer("width", 128, 1, 1024));
        Assert.Equal(
            "model.widht is unknown here; there are width.", Assert.Throws<TrainingConfigException>(config.RequireAllRead).Message);
    }

    [Fact]
    public void Two_may_read_parts_of_a_section()
    {
        var config = Read("""{"model": {"width": 64, "side": 32}}""");
        Assert.Equal(64, config.Section("model").Integer("width", 0, 0, 100));
        Assert.Equal(32, config.Section("model").Integer("side", 0, 0, 100));
        config.RequireAllRead();
    }

    [Theory]
    [InlineData("""{"rate": 2}""", "rate is a number from 0 to 1, not 2.")]
    [InlineData("""{"rate": "fast"}""", "rate is a number, not \"fast\".")]
    [InlineData("""{"rate": [1]}""", "rate is a number, not [1].")]
    public void A_number_out_of_range_is_named(string json, string message) =>
        Assert.Equal(message, Assert.Throws<TrainingConfigException>(() => Read(json).Number("rate", 0.5, 0, 1)).Message);

    [Fact]
    public void A_number_is_read_whatever_its_node_was_made_from()
    {
        var config = new ConfigSection("", new JsonObject
        {
            ["long"] = JsonValue.Create(7L), ["int"] = 7, ["double"] = 0.5, ["float"] = 0.5f, ["decimal"] = 0.5m, ["small"] = 1e-300, ["text"] = "7",
        });

        Assert.Equal(7, config.Integer("long", 0, 0, 10));
        Assert.Equal(7, config.Integer("int", 0, 0, 10));
        Assert.All(["double", "float", "decimal"], key => Assert.Equal(0.5, config.Number(key, 0, 0, 1)));
        Assert.Equal(1e-300, config.Number("small", 0, 0, 1));
        Assert.Equal(
            "double is a whole number, not 0.5.",
            Assert.Throws<TrainingConfigException>(() => config.Integer("double", 0, 0, 1)).Message);
        Assert.Throws<TrainingConfigException>(() => config.Number("text", 0, 0, 10));
    }

    [Fact]
    public void What_the_file_leaves_out_has_its_default()
    {
        var config = Read("{}");
        Assert.Equal(0.5, config.Number("rate", 0.5, 0, 1));
        Assert.False(config.Section("model").Flag("sandwich", false));
        Assert.Empty(config.Sections("data"));
        Assert.Equal("vit", config.Choice("tower", "vit", "vit", "resnet"));
        config.RequireAllRead();
    }
}
