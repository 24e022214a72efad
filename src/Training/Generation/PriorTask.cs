using Sightline.Models.Generation;
using Sightline.Models.Images;
using Sightline.Models.Text;
using Sightline.Models.Weights;
using Sightline.Training.Data;
using Sightline.Training.Steps;
using static TorchSharp.torch;

namespace Sightline.Training.Generation;

/// <summary>
/// Trains DALL-E's prior (arXiv 2102.12092, section 2.2 and appendix B): a caption's tokens and then a picture's, the picture's as a frozen
/// dVAE has them. Settings:
/// <code>
/// model: {width: 512, layers: 8, heads: width / 64, mlp_width: 4 width, text_length: 64, attention: paper, kernel: 11, sandwich: false}
///        or {from: FOLDER}
/// dvae: FOLDER            default: where the model is from
/// tokenizer: FOLDER       likewise
/// objective: {text_weight: 0.125, caption_drop: 0.1, bpe_dropout: 0, cache_codes: false}
/// samples: {captions: 6, each: 4, seed: 0, temperature: 1, top_k: 0, top_p: 1, guidance: 3}
/// export: {weights: fp32}
/// </code>
/// </summary>
internal sealed class PriorTask : ITrainingTask
{
    private readonly Prior _prior;
    private readonly Dvae _dvae;
    private readonly PriorText _text;
    private readonly PriorSettings _settings;
    private readonly ITrainingData _heldOut;
    private readonly int[] _pairs;
    private readonly Dictionary<int, Tensor> _codes = [];

    private PriorTask(Prior prior, Dvae dvae, PriorText text, PriorSettings settings, ITrainingData heldOut, int[] pairs)
    {
        (_prior, _dvae, _text, _settings, _heldOut, _pairs) = (prior, dvae, text, settings, heldOut, pairs);
        Parameters = [.. prior.named_parameters().Select(p =>
        {
            p.parameter.requires_grad_();
            return new TrainedParameter(p.name, p.parameter, Decays(p.name, p.parameter));
        })];
    }

    public string Kind => "prior";

    public Device Device => _prior.Device;

    public IReadOnlyList<TrainedParameter> Parameters { get; }

    public IReadOnlyList<TrainedBuffer> Buffers => [];

    /// <param name="config">The whole file's.</param>
    /// <param name="heldOut">Stays the caller's to dispose.</param>
    /// <param name="type">Of the passes; the dVAE stays in float32.</param>
    /// <param name="seed">Of the weights.</param>
    /// <exception cref="TrainingConfigException">A setting cannot be; names it.</exception>
    /// <exception cref="ModelFormatException">A model to begin with is damaged or of another kind.</exception>
    /// <param name="folder">Relative paths of the configuration start here.</param>
    internal static PriorTask Create(ConfigSection config, ITrainingData heldOut, Device device, ScalarType type, long seed, string folder)
    {
        var settings = PriorSettings.Read(config);
        var model = config.Section("model");
        string? PathOf(string? path) => path is null ? null : Path.GetFullPath(path, folder);
        var from = PathOf(model.Text("from"));
        var dvaeFolder = PathOf(config.Text("dvae")) ?? from ?? throw config.Wrong("dvae", "is the folder of a dVAE; it is missing");
        var textFolder = PathOf(config.Text("tokenizer")) ?? from ?? throw config.Wrong("tokenizer", "is the folder of a vocabulary; it is missing");
        var tokenizer = ClipTokenizer.TryLoad(textFolder)
            ?? throw config.Wrong("tokenizer", $"has no vocabulary: neither vocab.json and merges.txt nor tokenizer.json is in {textFolder}");
        int[] pairs = [.. Enumerable.Range(0, heldOut.Count).Where(i => heldOut[i].Captions.Count > 0)];
        if (pairs.Length == 0)
        {
            throw config.Wrong("data", "holds out no picture with a caption: a prior cannot be judged without");
        }

        var (dvae, _) = Dvae.Load(DalleFolder.FindEncoder(dvaeFolder), DalleFolder.FindDecoder(dvaeFolder), device);
        try
        {
            var grid = GridOf(config, dvae, heldOut.Side);
            var prior = from is null
                ? PriorModelSection.Begin(model, grid, tokenizer.VocabularySize, device, type, seed)
                : PriorModelSection.Load(from, grid, tokenizer.VocabularySize, device, type);
            var text = new PriorText(tokenizer, textFolder, prior.Config.TextLength, device);
            return new PriorTask(prior, dvae, text, settings, heldOut, pairs);
        }
        catch
        {
            dvae.Dispose();
            throw;
        }
    }

    public IReadOnlyDictionary<string, double> Backward(IReadOnlyList<TrainingBatch> parts, StepContext context)
    {
        using var scope = NewDisposeScope();

        // The text of all parts at once: the mean over the step's words is not the mean of the parts' means.
        var text = _text.Encode([.. parts.SelectMany(p => p.Captions)], _settings.BpeDropout, context.Generator);
        text = PriorObjective.DropCaptions(text, _text.Empty, _settings.CaptionDrop, context.Generator);
        var words = PriorObjective.Words(text);
        var tokens = text.size(0) * _prior.Config.Grid.Length;
        var figures = new Dictionary<string, double> { ["loss"] = 0, ["text"] = 0, ["image"] = 0 };
        var first = 0;
        foreach (var part in parts)
        {
            using var inner = NewDisposeScope();
            var rows = text.narrow(0, first, part.Count);
            var loss = PriorObjective.Loss(_prior, rows, Codes(part), _settings.TextWeight, words, tokens);
            loss.Total.backward();
            figures["loss"] += loss.Total.ToDouble();
            figures["text"] += loss.Text.ToDouble();
            figures["image"] += loss.Image.ToDouble();
            first += part.Count;
        }

        return figures;
    }

    public void Updated()
    {
    }

    /// <summary>Cross-entropies of held-out pairs, in nats a token; each picture with its first caption. The score is minus the image's:
    /// the text is only there to be read.</summary>
    public ValidationResult Validate(CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        var text = _text.Encode([.. _pairs.Select(CaptionOf)]);
        var words = PriorObjective.Words(text);
        var tokens = (long)_pairs.Length * _prior.Config.Grid.Length;
        var (textLoss, imageLoss, first) = (0.0, 0.0, 0);
        foreach (var indices in _pairs.Chunk(HeldOutPictures.BatchSize))
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var inner = NewDisposeScope();
            var codes = _dvae.Codes(HeldOutPictures.Read(_heldOut, indices, Device)).flatten(1);
            var rows = text.narrow(0, first, indices.Length);
            var loss = PriorObjective.Loss(_prior, rows, codes, _settings.TextWeight, words, tokens);
            textLoss += loss.Text.ToDouble();
            imageLoss += loss.Image.ToDouble();
            first += indices.Length;
        }

        var total = textLoss * _settings.TextWeight + imageLoss * (1 - _settings.TextWeight);
        return new ValidationResult(
            new Dictionary<string, double> { ["loss"] = total, ["text"] = textLoss, ["image"] = imageLoss }, -imageLoss);
    }

    /// <summary>The folder that <see cref="ImageGenerator.Load"/> takes: the prior, the dVAE and the vocabulary.</summary>
    /// <inheritdoc/>
    public void Export(string folder, IReadOnlyDictionary<string, Tensor> weights)
    {
        ModelFiles.Write(folder, "model", weights, _settings.Weights);
        File.WriteAllText(Path.Combine(folder, "config.json"), _prior.Config.ToJson());
        ModelFiles.Write(folder, "encoder", _dvae.Encoder.state_dict(), _settings.Weights);
        ModelFiles.Write(folder, "decoder", _dvae.Decoder.state_dict(), _settings.Weights);
        _text.CopyFiles(folder);
    }

    /// <summary>Some pictures for each of the first held-out captions, a row for each, sampled as the product samples; the captions beside
    /// them as <c>captions.txt</c>.</summary>
    public void DrawSamples(string folder, long step, CancellationToken cancellationToken)
    {
        List<string> captions = [.. _pairs.Select(CaptionOf).Distinct().Take(_settings.Captions)];
        if (captions.Count == 0)
        {
            return;
        }

        var rows = captions.Select(caption => Draw(caption, cancellationToken)).ToList();
        File.WriteAllBytes(Path.Combine(folder, $"step-{step:D8}.png"), ImageEncoder.EncodePng(PictureSheet.Arrange(rows)));
        File.WriteAllLines(Path.Combine(folder, "captions.txt"), captions);
    }

    public void Dispose()
    {
        foreach (var codes in _codes.Values)
        {
            codes.Dispose();
        }

        _prior.Dispose();
        _dvae.Dispose();
        _text.Dispose();
    }

    // Decay pulls towards zero what multiplies; a token's or a position's vector is rather looked up (paper, appendix B.2).
    private static bool Decays(string name, Tensor parameter) => parameter.ndim > 1
        && !name.Contains("embedding", StringComparison.Ordinal) && !name.Contains("position", StringComparison.Ordinal)
        && name != "text_padding";

    private static TokenGrid GridOf(ConfigSection config, Dvae dvae, int side) => side % dvae.Factor == 0
        ? new TokenGrid(side / dvae.Factor, side / dvae.Factor, dvae.Vocabulary)
        : throw config.Wrong("dvae", $"has codes of {dvae.Factor} x {dvae.Factor} pixels, of which pictures of {side} have no whole number");

    private string CaptionOf(int pair) => _heldOut[pair].Captions[0].Text;

    private List<RgbImage> Draw(string caption, CancellationToken cancellationToken)
    {
        // Neither is disposed: the weights are this task's.
        var model = new PriorModel(_prior, _text.Encode);
        using var run = new GenerationRun(model, _dvae, new GenerationRequest(caption, _settings.Sampling));
        while (!run.IsSampled)
        {
            run.Step(cancellationToken);
        }

        return [.. run.Finish(cancellationToken).Select(generated => generated.Image)];
    }

    // [N, P]. Not in inference mode: its tensors could not be part of a graph.
    private Tensor Codes(TrainingBatch part)
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        if (!_settings.CacheCodes)
        {
            return _dvae.Codes(part.Pixels.to(ScalarType.Float32) / 255).flatten(1).MoveToOuterDisposeScope();
        }

        int[] missing = [.. Enumerable.Range(0, part.Count).Where(i => !_codes.ContainsKey(part.Samples[i]))];
        if (missing.Length > 0)
        {
            var pixels = part.Pixels.index_select(0, tensor(Array.ConvertAll(missing, i => (long)i), device: Device));
            var rows = _dvae.Codes(pixels.to(ScalarType.Float32) / 255).flatten(1).unbind();
            for (var i = 0; i < missing.Length; i++)
            {
                // A picture may be in a batch twice.
                _codes.TryAdd(part.Samples[missing[i]], rows[i].clone().DetachFromDisposeScope());
            }
        }

        return stack(part.Samples.Select(sample => _codes[sample])).MoveToOuterDisposeScope();
    }
}
