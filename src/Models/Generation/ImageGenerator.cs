using System.Security.Cryptography;
using Sightline.Models.Clip;
using Sightline.Models.Images;
using Sightline.Models.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Models.Generation;

/// <summary>
/// Makes pictures from captions: a model that predicts image tokens, and one that turns tokens into pixels. The tokenizer comes with the
/// weights. Runs do not disturb each other, but share the device: put their steps through a <see cref="DeviceQueue"/>.
/// </summary>
public sealed class ImageGenerator : IDisposable
{
    private readonly ITokenModel _model;
    private readonly IDetokenizer _detokenizer;

    /// <param name="parts">Digests of the weights of all parts, in the layout's order.</param>
    internal ImageGenerator(ITokenModel model, IDetokenizer detokenizer, string name, IEnumerable<byte[]> parts, string compute)
    {
        (_model, _detokenizer, Name, Compute) = (model, detokenizer, name, compute);
        WeightsDigest = Convert.ToHexStringLower(SHA256.HashData([.. parts.SelectMany(p => p)]));
    }

    /// <summary>The folder's name.</summary>
    public string Name { get; }

    /// <summary>SHA-256 over all weights, in lower-case hexadecimal; the same in whichever container they come.</summary>
    public string WeightsDigest { get; }

    /// <summary>What the token model runs on, such as <c>cpu bf16</c>. Pixels are computed in float32.</summary>
    public string Compute { get; }

    public TokenGrid Tokens => _model.Grid;

    /// <summary>Of the pictures, in pixels.</summary>
    public int Width => Tokens.Columns * _detokenizer.Factor;

    /// <summary>Of the pictures, in pixels.</summary>
    public int Height => Tokens.Rows * _detokenizer.Factor;

    /// <summary>The weights have the half that <see cref="Tokenize"/> needs.</summary>
    public bool CanTokenize => _detokenizer.HasEncoder;

    /// <summary>Loads a model's folder (see docs/models.md for the layouts).</summary>
    /// <exception cref="ModelFormatException">A file is missing or damaged, or a tensor is missing, too many or of the wrong shape; names
    /// it.</exception>
    /// <exception cref="ArgumentException">The device or precision is unknown or not on this machine.</exception>
    public static ImageGenerator Load(string folder, ComputeOptions options)
    {
        var (device, type) = options.Resolve();
        folder = Path.GetFullPath(folder);
        if (!Directory.Exists(folder))
        {
            throw new ModelFormatException(folder, "there is no such folder.");
        }

        if (device.type == DeviceType.CPU)
        {
            // libtorch on its own may settle for one (see ClipModel.MoveTo).
            set_num_threads(Environment.ProcessorCount);
        }

        var (model, detokenizer, parts) = DalleFolder.Load(folder, device, type);
        if (model.Grid.Vocabulary > detokenizer.Vocabulary)
        {
            model.Dispose();
            detokenizer.Dispose();
            throw new ModelFormatException(folder,
                $"the tokens are {model.Grid.Vocabulary}, those that can be turned into pixels {detokenizer.Vocabulary}.");
        }

        return new ImageGenerator(model, detokenizer, Path.GetFileName(folder), parts, $"{device} " + type switch
        {
            ScalarType.BFloat16 => "bf16",
            ScalarType.Float16 => "fp16",
            _ => "fp32",
        });
    }

    /// <summary>Prepares candidates; nothing is computed before the first step.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A sampling option is outside its range.</exception>
    /// <exception cref="ArgumentException">The fixed tokens are of another grid.</exception>
    public GenerationRun Begin(GenerationRequest request) => new(_model, _detokenizer, request);

    /// <summary>Makes all candidates in one go, in order.</summary>
    /// <param name="progress">Told after every token.</param>
    /// <inheritdoc cref="Begin"/>
    public IReadOnlyList<GeneratedImage> Generate(
        GenerationRequest request, IProgress<GenerationProgress>? progress, CancellationToken cancellationToken)
    {
        using var run = Begin(request);
        while (!run.IsSampled)
        {
            run.Step(cancellationToken);
            progress?.Report(new GenerationProgress(run.TokensDone, run.TokensTotal));
        }

        return run.Finish(cancellationToken);
    }

    /// <summary>A picture as tokens, so that some of them can be kept: scaled to cover the model's size, the centre cut out.</summary>
    /// <exception cref="NotSupportedException"><see cref="CanTokenize"/> is false.</exception>
    public ImageTokens Tokenize(RgbImage image)
    {
        var scale = Math.Max((double)Width / image.Width, (double)Height / image.Height);
        var width = Math.Max(Width, (int)Math.Round(image.Width * scale));
        var height = Math.Max(Height, (int)Math.Round(image.Height * scale));
        var box = new CropBox((width - Width) / 2, (height - Height) / 2, Width, Height);
        var square = PillowResample.ResizeAndCrop(image, width, height, box, ResampleFilter.Lanczos);
        using var mode = inference_mode();
        using var scope = NewDisposeScope();
        var bytes = tensor(square.Pixels, [1, Height, Width, 3]).to(_model.Device);
        var codes = _detokenizer.Codes(bytes.permute(0, 3, 1, 2).to(ScalarType.Float32) / 255);
        return new ImageTokens(Tokens, [.. codes.flatten().cpu().unbind().Select(code => (int)code.ToInt64())]);
    }

    /// <summary>The picture that tokens stand for.</summary>
    /// <exception cref="ArgumentException">The tokens are of another grid.</exception>
    public RgbImage Picture(ImageTokens tokens)
    {
        if (tokens.Grid != Tokens)
        {
            throw new ArgumentException($"Tokens of a {tokens.Grid} are not this model's, which has a {Tokens}.", nameof(tokens));
        }

        using var mode = inference_mode();
        return GenerationRun.Picture(_detokenizer, tokens, _model.Device);
    }

    public void Dispose()
    {
        _model.Dispose();
        _detokenizer.Dispose();
    }
}
