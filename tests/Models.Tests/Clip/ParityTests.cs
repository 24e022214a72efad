using Sightline.Models.Clip;
using Sightline.TestKit;

namespace Sightline.Models.Tests.Clip;

/// <summary>Every published layout against what the original implementations give.</summary>
public sealed class ParityTests
{
    [SharedTheory]
    [InlineData("clip-hf-quickgelu", "")]
    [InlineData("clip-openai-vit", "state_dict.pt")]
    [InlineData("clip-openai-vit", "state_dict_legacy.pt")]
    [InlineData("clip-openai-vit", "torchscript.pt")]
    [InlineData("clip-openai-vit", "open_clip_checkpoint.pt")]
    [InlineData("clip-openai-rn", "state_dict.pt")]
    [InlineData("clip-openai-rn", "torchscript.pt")]
    public void Outputs_agree_with_the_reference(string folder, string file) => AssertAgrees(
        SharedData.PathOf("golden", folder, file), SharedData.PathOf("golden", folder, "expected.safetensors"));

    [Fact]
    public void The_bundled_model_agrees_with_the_one_that_was_trained() => AssertAgrees(
        Path.Combine(Repository.Root, "models", "sightline-clip-0"),
        Path.Combine(Repository.Root, "tests", "Golden", "sightline-clip-0-expected.safetensors"));

    private static void AssertAgrees(string model, string expected)
    {
        var outputs = ModelVerification.Run(model, expected);

        Assert.NotEmpty(outputs);
        Assert.All(outputs, output =>
        {
            Assert.Null(output.Problem);
            Assert.InRange(output.Difference, 0, ModelVerification.Tolerance);
        });
    }
}
