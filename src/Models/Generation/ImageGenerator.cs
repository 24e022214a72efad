using System.Security.Cryptography;
using Sightline.Models.Clip;
using Sightline.Models.Images;
using Sightline.Models.Weights;
using static TorchSharp.torch;

namespace Sightline.Models.Generation;

/// <summary>
/// Makes pictures from captions: a model that predicts image tokens, and one that turns tokens into pixels. The tokenizer comes with the
/// weights. Runs do not disturb each other, but share the device: put their steps through a <see cref="DeviceQueue"/>.
/// </summary>
public sealed class ImageGenerator : IDisposable
{
    private readonly GeneratorParts _parts;

    internal ImageGenerator(GeneratorParts parts, string name, string compute)
    {
        (_parts, Name, Compute) = (parts, name, compute);
        WeightsDigest = Convert.ToHexStringLower(SHA256.HashData([.. parts.Digests.SelectMany(d => d)]));
    }

    /// <summary>The folder's name.</summary>
    public string Name { get; }

    /// <summary>SHA-256 over all weights, in lower-case hexadecimal; the same in whichever container they come.</summary>
    public string WeightsDigest { get; }

    /// <summary>What the token model runs on, such as <c>cpu bf16</c>. Pixels are computed in float32.</summary>
    public string Compute { get; }

    /// <summary>How those who trained the model sample from it.</summary>
    public SamplingOptions Defaults => _parts.Defaults;

    public TokenGrid Tokens => _parts.Model.Grid;

    /// <summary>Of the pictures, in pixels.</summary>
    public int Width => Tokens.Columns * _parts.Detokenizer.Factor;

    /// <summary>Of the pictures, in pixels.</summary>
    public int Height => Tokens.Rows * _parts.Detokenizer.Factor;

    /// <summary>The weights have the half that <see cref="Tokenize"/> needs.</summary>
    public bool CanTokenize => _parts.Detokenizer.HasEncoder;

    internal IDetokenizer Detokenizer => _parts.Detokenizer;

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

        // libtorch's number of threads stays as it is: where OpenBLAS has its own, both together make a step of one token 3 to 5 times
        // slower (measured on two cores), and much worse on a busy machine.
        var parts = File.Exists(Path.Combine(folder, MinDalleFolder.Mark)) ? MinDalleFolder.Load(folder, device, type)
            : File.Exists(Path.Combine(folder, RuDalleFolder.Mark)) ? RuDalleFolder.Load(folder, device, type)
            : DalleFolder.Load(folder, device, type);
        if (parts.Model.Grid.Vocabulary > parts.Detokenizer.Vocabulary)
        {
            parts.Dispose();
            throw new ModelFormatException(folder,
                $"the tokens are {parts.Model.Grid.Vocabulary}, those that can be turned into pixels {parts.Detokenizer.Vocabulary}.");
        }

        return new ImageGenerator(parts, ModelFolder.NameOf(folder), $"{device} " + type switch
        {
            ScalarType.BFloat16 => "bf16",
            ScalarType.Float16 => "fp16",
            _ => "fp32",
        });
    }

    /// <summary>Prepares candidates; nothing is computed before the first step.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A sampling option is outside its range.</exception>
    /// <exception cref="ArgumentException">The fixed tokens are of another grid.</exception>
    public GenerationRun Begin(GenerationRequest request) => new(_parts.Model, _parts.Detokenizer, request);

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
        var bytes = tensor(square.Pixels, [1, Height, Width, 3]).to(_parts.Model.Device);
        var codes = _parts.Detokenizer.Codes(bytes.permute(0, 3, 1, 2).to(ScalarType.Float32) / 255);
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
        return GenerationRun.Picture(_parts.Detokenizer, tokens, _parts.Model.Device);
    }

    public void Dispose() => _parts.Dispose();
}
