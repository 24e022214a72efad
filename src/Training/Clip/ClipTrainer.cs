using System.Runtime.InteropServices;
using Sightline.Models.Clip;
using Sightline.Models.Text;
using Sightline.Models.Weights;
using Sightline.Training.Data;
using Sightline.Training.Steps;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Training.Clip;

/// <summary>
/// Trains a CLIP (arXiv 2103.00020): both towers, or one with the other frozen, by the symmetric contrastive loss; besides it, where
/// asked for, towards teachers and by the pictures' labels.
/// </summary>
internal sealed class ClipTrainer : ITrainingTask
{
    private const string LogitScale = "logit_scale";
    private const string LabelHead = "label_head.";

    // The paper's limit of 100 for what similarities are multiplied by (section 2.5).
    private static readonly double LargestLogitScale = Math.Log(100);

    private readonly ClipSettings _settings;
    private readonly ClipModel _model;
    private readonly CaptionTokens _tokens;
    private readonly PixelNormalisation _pixels;
    private readonly ClipValidation? _validation;
    private readonly List<ClipTeacher> _teachers;
    private readonly Parameter _logitScale;
    private readonly Linear? _labelHead;
    private readonly bool _trainsImage;
    private readonly bool _trainsText;
    private Dictionary<string, double>? _quality;

    /// <param name="validation">Held-out pictures; null: <see cref="Validate"/> is not to be called.</param>
    /// <param name="labels">Classes of the training data; only a label loss needs them.</param>
    /// <param name="type">Of the passes. Losses, temperature and batch normalisation's statistics are float32 at least.</param>
    /// <param name="seed">Of the weights to begin with.</param>
    /// <exception cref="ModelFormatException">A model or vocabulary cannot be read.</exception>
    /// <exception cref="TrainingConfigException">Settings contradict each other, or the data.</exception>
    internal ClipTrainer(ClipSettings settings, ITrainingData? validation, int labels, Device device, ScalarType type, long seed)
    {
        _settings = settings;
        (_trainsImage, _trainsText) = (!settings.Freeze.Contains(ClipSettings.Image), !settings.Freeze.Contains(ClipSettings.Text));
        var tokenizer = ClipTokenizer.TryLoad(settings.Tokenizer)
            ?? throw new ModelFormatException(settings.Tokenizer, "a CLIP reads captions, and there is no vocabulary here.");
        Require(settings, tokenizer, validation, labels);
        _validation = validation is null ? null : new ClipValidation(validation);
        _model = Load(settings, seed);
        _model.MoveTo(device, type);
        _model.Image.train(_trainsImage);
        _tokens = new CaptionTokens(tokenizer, settings.Model.ContextLength);
        _pixels = new PixelNormalisation(settings.Model, device, Wide);
        using (var scale = tensor(Math.Log(_model.LogitScale), Wide, device))
        {
            _logitScale = new Parameter(scale, !settings.Freeze.Contains(ClipSettings.Temperature));
        }

        _labelHead = settings.LabelWeight > 0 ? MakeHead(settings.Model.EmbedDim, labels, seed).to(device, Wide) : null;
        _teachers = [.. settings.Teachers.Select(path => ClipTeacher.Load(path, device, type))];
        Parameters = [.. Trained()];
        foreach (var trained in Parameters)
        {
            trained.Parameter.requires_grad_();
        }

        Buffers = _trainsImage
            ? [.. _model.Image.named_buffers().Select(b => new TrainedBuffer($"visual.{b.name}", b.buffer))]
            : [];
    }

    /// <inheritdoc/>
    public string Kind => "clip";

    /// <inheritdoc/>
    public Device Device => _model.Device;

    /// <inheritdoc/>
    public IReadOnlyList<TrainedParameter> Parameters { get; }

    /// <inheritdoc/>
    public IReadOnlyList<TrainedBuffer> Buffers { get; }

    /// <summary>Side that pictures must have.</summary>
    internal int ImageSize => _settings.Model.ImageSize;

    private ScalarType Wide => _model.Type == ScalarType.Float64 ? ScalarType.Float64 : ScalarType.Float32;

    /// <inheritdoc/>
    /// <remarks>
    /// Several parts make one batch of the loss: all are embedded first, the loss's gradient is taken by the embeddings, then each part is
    /// embedded again, with gradients (GradCache, arXiv 2101.06983). Both passes of a part normalise by its own statistics.
    /// </remarks>
    public IReadOnlyDictionary<string, double> Backward(IReadOnlyList<TrainingBatch> parts, StepContext context)
    {
        using var scope = NewDisposeScope();
        var (images, texts) = parts.Count == 1 ? (EmbedImages(parts[0]), EmbedTexts(parts[0])) : EmbedWithoutGradients(parts);
        var terms = Terms(parts, images, texts);
        var total = terms.Select(t => t.Loss * t.Weight).Aggregate((sum, term) => sum + term);
        if (total.requires_grad)
        {
            total.backward();
        }

        if (parts.Count > 1)
        {
            BackwardByParts(parts, images, EmbedImages);
            BackwardByParts(parts, texts, EmbedTexts);
        }

        var figures = terms.ToDictionary(t => t.Name, t => t.Loss.ToDouble());
        figures["loss"] = total.ToDouble();
        figures["temperature"] = Math.Exp(_logitScale.ToDouble());
        return figures;
    }

    /// <inheritdoc/>
    public void Updated() => _logitScale.clamp_(max: LargestLogitScale);

    /// <inheritdoc/>
    public ValidationResult Validate(CancellationToken cancellationToken)
    {
        if (_validation is null)
        {
            throw new InvalidOperationException("This training has no validation data.");
        }

        var result = _validation.Measure(EmbedPixels, EmbedCaptions, _settings.Model.EmbedDim, cancellationToken);
        var prefix = ClipValidation.NameOf(ClipValidation.TextToImageAt10, "*")[..^1];
        _quality = result.Figures.Where(f => f.Key.StartsWith(prefix, StringComparison.Ordinal))
            .ToDictionary(f => f.Key[prefix.Length..], f => Math.Round(f.Value, 4));
        return result;
    }

    /// <summary>Unit rows, as the product embeds: by running statistics.</summary>
    /// <param name="pixels">[N, 3, S, S].</param>
    /// <param name="count">N.</param>
    internal float[] EmbedPixels(byte[] pixels, int count)
    {
        _model.Image.eval();
        var unit = Unit(() => Widened(_model.Image.forward(Input(tensor(pixels, [count, 3, ImageSize, ImageSize])))));
        _model.Image.train(_trainsImage);
        return unit;
    }

    /// <inheritdoc cref="EmbedPixels"/>
    internal float[] EmbedCaptions(IReadOnlyList<string> captions) =>
        Unit(() => Widened(_tokens.Embed(captions, Device, _model.Text.forward)));

    /// <inheritdoc/>
    public void Export(string folder, IReadOnlyDictionary<string, Tensor> weights)
    {
        using var scope = NewDisposeScope();

        // What is frozen is no part of the training's weights.
        var all = Named().ToDictionary(
            p => p.Name, p => weights.TryGetValue(p.Name, out var trained) ? trained : p.Tensor.detach().to(Wide, CPU).contiguous());
        ClipExport.Write(
            folder, _settings.Model, all, _settings.ExportType, _settings.Tokenizer, _quality is { Count: > 0 } ? _quality : null);
    }

    /// <inheritdoc/>
    public void DrawSamples(string folder, long step, CancellationToken cancellationToken)
    {
        // A CLIP draws nothing.
    }

    public void Dispose()
    {
        _teachers.ForEach(t => t.Dispose());
        _labelHead?.Dispose();
        _logitScale.Dispose();
        _pixels.Dispose();
        _model.Dispose();
    }

    private static void Require(ClipSettings settings, ClipTokenizer tokenizer, ITrainingData? validation, int labels)
    {
        if (tokenizer.VocabularySize > settings.Model.VocabularySize)
        {
            throw new TrainingConfigException(
                $"The vocabulary in {settings.Tokenizer} has {tokenizer.VocabularySize} tokens, "
                + $"the model has {settings.Model.VocabularySize}.");
        }

        // The end of a text is found as its highest id; a model that calls another token its end would be read otherwise once written.
        if (settings.Model.EndToken is { } end && end != tokenizer.VocabularySize - 1)
        {
            throw new TrainingConfigException(
                $"The end token of {settings.From} is {end}, not the last of its {tokenizer.VocabularySize}: "
                + "it cannot be written as OpenAI's models are.");
        }

        if (validation is not null && validation.Side != settings.Model.ImageSize)
        {
            throw new TrainingConfigException(
                $"The validation data has pictures of {validation.Side} pixels a side, the model sees {settings.Model.ImageSize}.");
        }

        if (settings.LabelWeight > 0 && labels == 0)
        {
            throw new TrainingConfigException("loss.label_weight needs data with labels; this has none.");
        }
    }

    private static ClipModel Load(ClipSettings settings, long seed)
    {
        if (settings.From is null)
        {
            using var initial = new InitialWeights(settings.Model, seed);
            return new ClipModel(initial, settings.Model);
        }

        using var checkpoint = Checkpoint.Open(ModelFolder.FindCheckpoint(settings.From));
        return new ClipModel(new PretrainedWeights(CanonicalWeights.From(checkpoint)), settings.Model);
    }

    private static Linear MakeHead(int dimensions, int labels, long seed)
    {
        using var guard = no_grad();
        using var generator = new Generator((ulong)seed);
        var head = nn.Linear(dimensions, labels);
        head.weight.normal_(0, 1 / Math.Sqrt(dimensions), generator);
        head.bias!.zero_();
        return head;
    }

    private IEnumerable<TrainedParameter> Trained()
    {
        var parameters = Enumerable.Empty<(string Name, Parameter Parameter)>();
        parameters = _trainsImage ? parameters.Concat(ImageParameters()) : parameters;
        parameters = _trainsText ? parameters.Concat(_model.Text.named_parameters()) : parameters;
        parameters = _settings.Freeze.Contains(ClipSettings.Temperature) ? parameters : parameters.Append((LogitScale, _logitScale));
        parameters = parameters.Concat((_labelHead?.named_parameters() ?? []).Select(p => (LabelHead + p.name, p.parameter)));
        return parameters.Select(p => new TrainedParameter(
            p.Name, p.Parameter, p.Parameter.ndim >= 2 && !p.Name.EndsWith("embedding", StringComparison.Ordinal)
                && p.Name != "token_embedding.weight"));
    }

    private IEnumerable<(string Name, Parameter Parameter)> ImageParameters() =>
        _model.Image.named_parameters().Select(p => ($"visual.{p.name}", p.parameter));

    // All that a model's file holds.
    private IEnumerable<(string Name, Tensor Tensor)> Named() =>
    [
        .. ImageParameters().Select(p => (p.Name, (Tensor)p.Parameter)),
        .. _model.Image.named_buffers().Select(b => ($"visual.{b.name}", b.buffer)),
        .. _model.Text.named_parameters().Select(p => (p.name, (Tensor)p.parameter)),
        (LogitScale, _logitScale),
    ];

    private Tensor Input(Tensor pixels) => _pixels.Apply(pixels.to(Device)).to(_model.Type);

    private Tensor Widened(Tensor embedded) => embedded.to(Wide);

    // [N, E] of all pictures.
    private Tensor EmbedImages(TrainingBatch part)
    {
        if (part.Pixels.size(2) != ImageSize)
        {
            throw new TrainingConfigException($"The data has pictures of {part.Pixels.size(2)} pixels a side, the model sees {ImageSize}.");
        }

        using var frozen = _trainsImage ? null : no_grad();
        using var scope = NewDisposeScope();
        return Widened(_model.Image.forward(Input(part.Pixels))).MoveToOuterDisposeScope();
    }

    // [M, E] of the captions there are; null where there is none.
    private Tensor? EmbedTexts(TrainingBatch part)
    {
        string[] captions = [.. part.Captions.Where(c => c.Length > 0)];
        if (captions.Length == 0)
        {
            return null;
        }

        using var frozen = _trainsText ? null : no_grad();
        using var scope = NewDisposeScope();
        return Widened(_tokens.Embed(captions, Device, _model.Text.forward)).MoveToOuterDisposeScope();
    }

    // Leaves, whose gradients are those of the loss by the embeddings.
    private (Tensor Images, Tensor? Texts) EmbedWithoutGradients(IReadOnlyList<TrainingBatch> parts)
    {
        using var guard = no_grad();
        _model.Image.MoveStatistics(false);
        Tensor[] images = [.. parts.Select(EmbedImages)];
        Tensor[] texts = [.. parts.Select(EmbedTexts).OfType<Tensor>()];
        _model.Image.MoveStatistics(true);
        return (cat(images).requires_grad_(_trainsImage), texts.Length == 0 ? null : cat(texts).requires_grad_(_trainsText));
    }

    private static void BackwardByParts<T>(IReadOnlyList<TrainingBatch> parts, Tensor? embedded, Func<TrainingBatch, T> embed)
        where T : Tensor?
    {
        using var gradient = embedded?.grad;
        long at = 0;
        foreach (var part in gradient is null ? [] : parts)
        {
            using var scope = NewDisposeScope();
            if (embed(part) is { } again)
            {
                again.backward([gradient!.narrow(0, at, again.size(0))]);
                at += again.size(0);
            }
        }
    }

    // What the loss is the sum of.
    private List<(string Name, double Weight, Tensor Loss)> Terms(IReadOnlyList<TrainingBatch> parts, Tensor images, Tensor? texts)
    {
        var terms = new List<(string, double, Tensor)>();
        string[] captions = [.. parts.SelectMany(p => p.Captions)];
        if (texts is not null)
        {
            var rows = Picked(captions.Length, i => captions[i].Length > 0);
            AddContrastive(terms, parts, rows is null ? images : images.index_select(0, rows), texts, rows);
        }

        int[] labels = [.. parts.SelectMany(p => p.Labels)];
        if (_labelHead is not null && Array.Exists(labels, l => l >= 0))
        {
            var rows = Picked(labels.Length, i => labels[i] >= 0);
            var classes = tensor([.. labels.Where(l => l >= 0).Select(l => (long)l)], device: Device);
            var scores = _labelHead.forward(rows is null ? images : images.index_select(0, rows));
            terms.Add(("label_loss", _settings.LabelWeight, nn.functional.cross_entropy(scores, classes)));
        }

        return terms.Count > 0
            ? terms
            : throw new TrainingConfigException("The pictures of a step have neither captions nor labels that this training uses.");
    }

    private void AddContrastive(
        List<(string, double, Tensor)> terms, IReadOnlyList<TrainingBatch> parts, Tensor images, Tensor texts, Tensor? rows)
    {
        (int Picture, string Caption)[] pairs =
            [.. parts.SelectMany(p => p.Samples.Zip(p.Captions)).Where(p => p.Second.Length > 0)];
        string[] captions = [.. pairs.Select(p => p.Caption)];
        var positives = tensor(
            ContrastiveTargets.Positives([.. pairs.Select(p => p.Picture)], captions), [pairs.Length, pairs.Length], Wide, Device);
        var logits = ContrastiveLoss.Logits(images, texts, _logitScale);
        var (perRow, perColumn) = ContrastiveLoss.Targets(positives, _settings.LabelSmoothing);
        var taught = _teachers.Count > 0 ? _settings.TeacherWeight : 0;
        terms.Add(("contrastive_loss", 1 - taught, ContrastiveLoss.CrossEntropy(logits, perRow, perColumn)));
        if (_teachers.Count > 0)
        {
            // An ensemble says the mean of what its members say.
            var said = _teachers.ConvertAll(t => t.Judge(parts.Select(p => p.Pixels.to(Device)), rows, captions));
            var ofRows = said.Select(s => s.Rows).Aggregate((a, b) => a + b) / said.Count;
            var ofColumns = said.Select(s => s.Columns).Aggregate((a, b) => a + b) / said.Count;
            terms.Add(("teacher_loss", taught, ContrastiveLoss.CrossEntropy(logits, ofRows, ofColumns)));
        }
    }

    // Which of them; null: all.
    private Tensor? Picked(int count, Func<int, bool> isPicked)
    {
        long[] picked = [.. Enumerable.Range(0, count).Where(isPicked).Select(i => (long)i)];
        return picked.Length == count ? null : tensor(picked, device: Device);
    }

    private static float[] Unit(Func<Tensor> embed)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var unit = nn.functional.normalize(embed()).to(ScalarType.Float32, CPU).contiguous();
        return MemoryMarshal.Cast<byte, float>(unit.bytes).ToArray();
    }
}
