using System.Globalization;
using Sightline.Models.Clip;
using Sightline.Models.Images;
using Sightline.Models.Text;
using Sightline.Models.Weights;

namespace Sightline.Training.Clip;

/// <summary>
/// What a CLIP is to be, what it begins with, and what it is trained for. A configuration's keys:
/// <code>
/// model:
///   tokenizer: FOLDER            # vocab.json and merges.txt
///   size: 64                     # side of the pictures
///   dimensions: 256              # of an embedding
///   image: {tower: resnet, layers: [1, 2, 2, 1], width: 32}    # or {tower: vit, layers: 6, width: 256, patch: 8, heads: 4}
///   text: {layers: 4, width: 256, heads: 4, context: 32}
///   activation: quick_gelu       # or gelu
/// # or, to train a model on:
/// model: {from: FOLDER OR NAME, size: 96, freeze: [image]}
/// loss: {label_smoothing: 0, label_weight: 0, teachers: [FOLDER OR NAME], teacher_weight: 0.5}
/// export: {type: fp16}           # or bf16, fp32
/// </code>
/// </summary>
/// <param name="From">Checkpoint to train on; null: from the beginning.</param>
/// <param name="Tokenizer">Folder of the vocabulary.</param>
/// <param name="Freeze">Of <c>image</c>, <c>text</c> and <c>temperature</c>: what stays as it is.</param>
/// <param name="LabelSmoothing">Share of a target that all captions (or pictures) of the batch get, 0 to 1.</param>
/// <param name="LabelWeight">Of the cross-entropy of a linear classifier over the labels; 0: there is none.</param>
/// <param name="Teachers">Checkpoints whose similarities are to be matched.</param>
/// <param name="TeacherWeight">Share of the teachers in the loss, 0 to 1; the captions have the rest.</param>
/// <param name="ExportType">Of matrices and kernels; vectors stay in float32.</param>
internal sealed record ClipSettings(
    ClipConfig Model, string? From, string Tokenizer, IReadOnlyList<string> Freeze, double LabelSmoothing, double LabelWeight,
    IReadOnlyList<string> Teachers, double TeacherWeight, WeightType ExportType)
{
    internal const string Image = "image";
    internal const string Text = "text";
    internal const string Temperature = "temperature";

    /// <param name="root">The whole file.</param>
    /// <exception cref="TrainingConfigException">A setting cannot be; names it.</exception>
    /// <exception cref="ModelFormatException">The model to train on, or the vocabulary, cannot be read.</exception>
    internal static ClipSettings Read(ConfigSection root, TrainingPlaces places)
    {
        var (model, loss) = (root.Section("model"), root.Section("loss"));
        var from = model.Has("from") ? places.FindModel(model, "from") : null;
        var given = model.Text("tokenizer") is { } path ? places.PathOf(path) : null;
        var (config, tokenizer) = from is null ? New(model, given) : Pretrained(model, from, given);
        var freeze = model.Texts("freeze");
        if (freeze.FirstOrDefault(f => f is not (Image or Text or Temperature)) is { } unknown)
        {
            throw model.Wrong("freeze", $"is a list of {Image}, {Text} and {Temperature}, not {unknown}");
        }

        return new ClipSettings(
            config,
            from,
            tokenizer,
            freeze,
            loss.Number("label_smoothing", 0, 0, 0.99),
            loss.Number("label_weight", 0, 0, 1_000),
            [.. loss.Texts("teachers").Select(name => places.FindModel(loss, "teachers", name))],
            loss.Number("teacher_weight", 0.5, 0, 1),
            root.Section("export").Choice("type", "fp16", "fp16", "bf16", "fp32") switch
            {
                "bf16" => WeightType.BFloat16,
                "fp32" => WeightType.Float32,
                _ => WeightType.Float16,
            });
    }

    private static (ClipConfig, string) New(ConfigSection model, string? tokenizer)
    {
        var folder = tokenizer ?? throw model.Wrong("tokenizer", "is the folder of a vocabulary; it is missing");
        var vocabulary = ClipTokenizer.TryLoad(folder)
            ?? throw model.Wrong("tokenizer", $"has no vocab.json and merges.txt in it: {folder}");
        var (image, text) = (model.Section("image"), model.Section("text"));
        var size = (int)model.Integer("size", 224, 1, 4096);
        var isResNet = image.Choice("tower", "vit", "vit", "resnet") == "resnet";
        var config = new ClipConfig(
            (int)model.Integer("dimensions", 512, 1, 65_536), size, isResNet ? null : Vision(image), isResNet ? ResNet(image) : null,
            Transformer(text, 512), (int)text.Integer("context", 77, 2, 4096), vocabulary.VocabularySize,
            model.Choice("activation", "quick_gelu", "quick_gelu", "gelu") == "gelu" ? Activation.Gelu : Activation.QuickGelu, null,
            ClipConfig.OpenAiMean, ClipConfig.OpenAiStd, ResizeMode.Shortest, ResampleFilter.Bicubic, FloorCrop: false);
        RequireSize(model, config);
        return (config, folder);
    }

    private static (ClipConfig, string) Pretrained(ConfigSection model, string from, string? tokenizer)
    {
        var file = ModelFolder.FindCheckpoint(from);
        using var checkpoint = Checkpoint.Open(file);
        var stored = ConfigReader.Read(file, CanonicalWeights.From(checkpoint));
        var config = stored with { ImageSize = (int)model.Integer("size", stored.ImageSize, 1, 4096) };
        RequireSize(model, config);
        return (config, tokenizer ?? Path.GetDirectoryName(file)!);
    }

    private static void RequireSize(ConfigSection model, ClipConfig config)
    {
        var unit = config.Vision?.Patch ?? 32;
        if (config.ImageSize % unit != 0)
        {
            throw model.Wrong("size", $"is a multiple of {unit}; {config.ImageSize} is not");
        }
    }

    private static VisionTransformerConfig Vision(ConfigSection image) =>
        new(Transformer(image, 768), (int)image.Integer("patch", 32, 1, 1024));

    private static ResNetConfig ResNet(ConfigSection image)
    {
        var texts = image.Texts("layers");
        int[] blocks = [.. texts.Select(t => int.TryParse(t, CultureInfo.InvariantCulture, out var n) && n is > 0 and < 1000 ? n : 0)];
        if (blocks.Length != 4 || blocks.Contains(0))
        {
            throw image.Wrong("layers", $"is a list of four numbers of blocks, such as [3, 4, 6, 3], not [{string.Join(", ", texts)}]");
        }

        // The pool's heads are 64 wide where its width allows (openai/CLIP: width * 32 / 64).
        var width = (int)image.Integer("width", 64, 2, 65_536);
        return width % 2 == 0
            ? new ResNetConfig(blocks, width, Math.Max(1, width / 2))
            : throw image.Wrong("width", $"is even; {width} is not");
    }

    private static TransformerConfig Transformer(ConfigSection section, int otherwise)
    {
        var width = (int)section.Integer("width", otherwise, 1, 65_536);
        var heads = (int)section.Integer("heads", Math.Max(1, width / 64), 1, width);
        return width % heads == 0
            ? new TransformerConfig(width, (int)section.Integer("layers", 12, 1, 1_000), heads, 4 * width, 1e-5)
            : throw section.Wrong("heads", $"divides the width of {width}; {heads} does not");
    }
}
