using System.Runtime.InteropServices;
using Sightline.Models.Weights;
using static TorchSharp.torch;

namespace Sightline.Models.Clip;

/// <summary>How far one output is from what was expected.</summary>
/// <param name="Name">Of the tensor in the expected file.</param>
/// <param name="Difference">Largest absolute difference over the largest absolute expected value; infinite when it was not
/// produced.</param>
/// <param name="Problem">Why it was not produced; null when it was.</param>
public sealed record OutputDifference(string Name, double Difference, string? Problem);

/// <summary>
/// Runs a model in float32 on stored inputs (<c>pixel_values</c>, <c>input_ids</c>) and compares every other tensor of the file with what
/// the model gives.
/// </summary>
public static class ModelVerification
{
    /// <summary>Agreement asked of two implementations in float32.</summary>
    public const double Tolerance = 1e-4;

    private static readonly string[] Inputs = ["pixel_values", "input_ids", "attention_mask"];

    /// <exception cref="ModelFormatException">The model or the expected file cannot be read, or an input does not fit the
    /// model.</exception>
    public static IReadOnlyList<OutputDifference> Run(string modelPath, string expectedPath)
    {
        using var expected = Checkpoint.Open(expectedPath);
        var (model, _) = ClipEmbedder.LoadModel(ModelFolder.FindCheckpoint(modelPath));
        using (model)
        {
            using var mode = inference_mode();
            using var scope = NewDisposeScope();
            var outputs = Outputs(model, expectedPath, expected.Tensors);
            return [.. expected.Tensors.Keys.Where(name => Array.IndexOf(Inputs, name) < 0).Order(StringComparer.Ordinal)
                .Select(name => Compare(name, expected.Tensors[name], outputs))];
        }
    }

    private static Dictionary<string, Func<Tensor>> Outputs(ClipModel model, string path, IReadOnlyDictionary<string, StoredTensor> inputs)
    {
        var outputs = new Dictionary<string, Func<Tensor>>();
        Tensor? image = null, text = null;
        if (inputs.TryGetValue("pixel_values", out var pixels))
        {
            var size = model.Config.ImageSize;
            Expect(path, "pixel_values", pixels.Shape is [_, 3, var height, var width] && height == size
                && width == size, $"[N, 3, {size}, {size}]", pixels);
            var x = tensor(pixels.ReadFloats(), pixels.Shape);
            image = model.EmbedImages(x);
            outputs["image_features"] = () => image;
            outputs["image_embeds"] = () => Unit(image);
            if (model.Image.LastHidden(x) is { } hidden)
            {
                outputs["vision_last_hidden"] = outputs["vision_last_hidden_state"] = () => hidden;
            }
        }

        if (inputs.TryGetValue("input_ids", out var stored))
        {
            Expect(path, "input_ids", stored.Shape is [_, var length]
                && length <= model.Config.ContextLength, $"[N, at most {model.Config.ContextLength}]", stored);
            var ids = tensor(stored.ReadIntegers(), stored.Shape);
            text = model.EmbedTexts(ids);
            outputs["text_features"] = () => text;
            outputs["text_embeds"] = () => Unit(text);
            outputs["text_last_hidden"] = outputs["text_last_hidden_state"] = () => model.Text.LastHidden(ids);
        }

        if (image is not null && text is not null)
        {
            outputs["logits_per_image"] = () => Unit(image).matmul(Unit(text).t()) * model.LogitScale;
            outputs["logits_per_text"] = () => Unit(text).matmul(Unit(image).t()) * model.LogitScale;
        }

        outputs["logit_scale"] = () => tensor((float)Math.Log(model.LogitScale));
        return outputs;
    }

    private static Tensor Unit(Tensor x) => nn.functional.normalize(x, 2, -1);

    private static OutputDifference Compare(string name, StoredTensor expected, Dictionary<string, Func<Tensor>> outputs)
    {
        if (!outputs.TryGetValue(name, out var compute))
        {
            return new(name, double.PositiveInfinity,
                $"the model gives no {name} from the inputs in the file ({string.Join(", ", outputs.Keys)}).");
        }

        var actual = compute().contiguous();
        if (!actual.shape.AsSpan().SequenceEqual(expected.Shape))
        {
            return new(name, double.PositiveInfinity,
                $"it is [{string.Join(", ", actual.shape)}] instead of [{string.Join(", ", expected.Shape)}].");
        }

        double largest = 0, difference = 0;
        var wanted = expected.ReadFloats();
        var given = MemoryMarshal.Cast<byte, float>(actual.bytes);
        for (var i = 0; i < wanted.Length; i++)
        {
            largest = Math.Max(largest, Math.Abs(wanted[i]));
            var apart = Math.Abs(wanted[i] - given[i]);
            difference = float.IsNaN(apart) ? double.PositiveInfinity : Math.Max(difference, apart);
        }

        return new(name, difference == 0 ? 0 : difference / largest, null);
    }

    private static void Expect(string path, string name, bool fits, string shape, StoredTensor stored)
    {
        if (!fits)
        {
            throw new ModelFormatException(path,
                $"{name} [{string.Join(", ", stored.Shape)}] does not fit the model, which takes {shape}.");
        }
    }
}
