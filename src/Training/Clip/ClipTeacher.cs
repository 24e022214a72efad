using Sightline.Models.Clip;
using Sightline.Models.Text;
using Sightline.Models.Weights;
using static TorchSharp.torch;

namespace Sightline.Training.Clip;

/// <summary>A trained CLIP whose similarities a student is to match. For one thread.</summary>
internal sealed class ClipTeacher : IDisposable
{
    private readonly ClipModel _model;
    private readonly CaptionTokens _tokens;
    private readonly PixelNormalisation _pixels;

    private ClipTeacher(ClipModel model, ClipTokenizer tokenizer)
    {
        _model = model;
        _tokens = new CaptionTokens(tokenizer, model.Config.ContextLength);
        _pixels = new PixelNormalisation(model.Config, model.Device);
    }

    /// <exception cref="ModelFormatException">It cannot be read, or has no vocabulary.</exception>
    internal static ClipTeacher Load(string path, Device device, ScalarType type)
    {
        var file = ModelFolder.FindCheckpoint(path);
        var tokenizer = ClipTokenizer.TryLoad(Path.GetDirectoryName(file)!)
            ?? throw new ModelFormatException(file, "a teacher reads captions, and no vocabulary lies beside it.");
        var (model, _) = ClipEmbedder.LoadModel(file);
        model.MoveTo(device, type);
        return new ClipTeacher(model, tokenizer);
    }

    /// <summary>How it judges the pictures and captions of a batch, in float32 and without gradients: [N, N] of probabilities over a row,
    /// and over a column.</summary>
    /// <param name="pixels">Parts of [N, 3, S, S] bytes, of any size: resized to the teacher's.</param>
    /// <param name="rows">[M]; which of all pictures count; null: all.</param>
    /// <param name="captions">Of these.</param>
    internal (Tensor Rows, Tensor Columns) Judge(IEnumerable<Tensor> pixels, Tensor? rows, IReadOnlyList<string> captions)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var images = cat(pixels.Select(Embed).ToArray());
        var texts = _tokens.Embed(captions, _model.Device, _model.EmbedTexts);
        var logits = ContrastiveLoss.Logits(
            rows is null ? images : images.index_select(0, rows), texts, tensor((float)Math.Log(_model.LogitScale), device: _model.Device));
        return (logits.softmax(1).MoveToOuterDisposeScope(), logits.softmax(0).MoveToOuterDisposeScope());
    }

    public void Dispose()
    {
        _model.Dispose();
        _pixels.Dispose();
    }

    private Tensor Embed(Tensor pixels)
    {
        using var scope = NewDisposeScope();
        var size = _model.Config.ImageSize;
        var x = pixels.to(ScalarType.Float32);
        if (pixels.size(2) != size)
        {
            x = nn.functional.interpolate(x, [size, size], mode: InterpolationMode.Bicubic, antialias: true).clamp(0, 255);
        }

        return _model.EmbedImages(_pixels.Apply(x)).MoveToOuterDisposeScope();
    }
}
