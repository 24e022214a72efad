using System.Diagnostics;
using System.Globalization;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Text.Json;
using Sightline.Models.Clip;
using Sightline.Models.Images;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Bench;

/// <summary>
/// Our towers, with random weights of CLIP's sizes, against PyTorch's (bench/peers/clip_torch.py), in turn in one run. On a CPU the peer
/// runs in fp32, ours in what --precision auto picks; on a GPU both run in bf16.
/// </summary>
public sealed class ClipBench(string python, ComputeOptions compute, string[]? models, int rounds)
{
    private static readonly Dictionary<string, (int Width, int Layers, int Heads, int Patch, int TextWidth, int TextHeads)> Sizes = new()
    {
        ["ViT-B/32"] = (768, 12, 12, 32, 512, 8), ["ViT-B/16"] = (768, 12, 12, 16, 512, 8), ["ViT-L/14"] = (1024, 24, 16, 14, 768, 12),
    };

    /// <returns>Ratios and figures by name; the ratios are ours over the peer's, so above 1 we are faster.</returns>
    /// <exception cref="InvalidOperationException">The peer cannot be run; says what it printed.</exception>
    public async Task<IReadOnlyDictionary<string, double>> RunAsync(TextWriter report, CancellationToken cancellationToken)
    {
        var (device, type) = compute.Resolve();
        var onGpu = device.type == DeviceType.CUDA;
        var figures = new SortedDictionary<string, double>(StringComparer.Ordinal);
        foreach (var name in models ?? (onGpu ? [.. Sizes.Keys] : ["ViT-B/32"]))
        {
            using var model = Build(name);
            using var reference = onGpu ? null : Build(name);
            model.MoveTo(device, type);
            foreach (var tower in new[] { "image", "text" })
            {
                var batch = onGpu ? (name == "ViT-B/32" || tower == "text" ? 1024 : 256) : 32;
                var (ours, theirs) = await CompareAsync(name, tower, batch, model, onGpu, cancellationToken);
                var key = $"{(onGpu ? "gpu" : "cpu")}_{name.Replace("ViT-", "", StringComparison.Ordinal).Replace("/", "", StringComparison.Ordinal).ToLowerInvariant()}{(tower == "text" ? "_text" : "")}";
                figures[$"ratio_clip_{key}"] = ours / theirs;
                await report.WriteLineAsync(string.Create(
                    CultureInfo.InvariantCulture,
                        $"{name} {tower}, batch {batch}: ours ({type}) {ours:F1}/s, PyTorch {theirs:F1}/s, ratio {ours / theirs:F2}"));
            }

            if (reference is not null)
            {
                figures["cosine_bf16_fp32_min"] = LowestCosine(model, reference);
            }

            figures[$"text_query_ms_{name.Replace("/", "", StringComparison.Ordinal).ToLowerInvariant()}"] = 1000 * Median(20, () =>
                Embed(model, "text", 1, tokens: 12));
        }

        if (!onGpu && figures.TryGetValue("ratio_clip_cpu_b32", out var ratio))
        {
            figures["ratio_clip_cpu"] = ratio;
        }

        return figures;
    }

    private static ClipModel Build(string name)
    {
        var (width, layers, heads, patch, textWidth, textHeads) = Sizes[name];
        using var source = new RandomSource(7);
        return new ClipModel(source, new ClipConfig(
            textWidth, 224, new VisionTransformerConfig(new TransformerConfig(width, layers, heads, 4 * width, 1e-5), patch), null,
            new TransformerConfig(textWidth, 12, textHeads, 4 * textWidth, 1e-5), 77, 49408, Activation.QuickGelu, null,
                ClipConfig.OpenAiMean,
            ClipConfig.OpenAiStd, ResizeMode.Shortest, ResampleFilter.Bicubic, false));
    }

    private async Task<(double Ours, double Theirs)> CompareAsync(
        string name, string tower, int batch, ClipModel model, bool onGpu, CancellationToken cancellationToken)
    {
        var (ours, theirs) = (new List<double>(), new List<double>());
        for (var round = 0; round < rounds; round++)
        {
            ours.Add(batch / Median(3, () => Embed(model, tower, batch, 77)));
            theirs.Add(await PeerAsync(name, tower, batch, onGpu, cancellationToken));
        }

        return (Middle(ours), Middle(theirs));
    }

    private static void Embed(ClipModel model, string tower, int batch, int tokens)
    {
        using var mode = inference_mode();
        using var scope = NewDisposeScope();
        if (tower == "image")
        {
            model.EmbedImages(zeros([batch, 3, 224, 224], model.Type, model.Device)).cpu();
        }
        else
        {
            model.EmbedTexts(ones([batch, tokens], ScalarType.Int64, model.Device)).cpu();
        }
    }

    private static double LowestCosine(ClipModel model, ClipModel reference)
    {
        using var mode = inference_mode();
        using var scope = NewDisposeScope();
        using var generator = new Generator(11);
        var pixels = randn([8, 3, 224, 224], generator: generator);
        var (fast, exact) = (Floats(model.EmbedImages(pixels)), Floats(reference.EmbedImages(pixels)));
        var width = fast.Length / 8;
        return Enumerable.Range(0, 8).Min(i =>
            TensorPrimitives.CosineSimilarity(fast.AsSpan(i * width, width), exact.AsSpan(i * width, width)));
    }

    private static float[] Floats(torch.Tensor x) => MemoryMarshal.Cast<byte, float>(x.cpu().contiguous().bytes).ToArray();

    private async Task<double> PeerAsync(string name, string tower, int batch, bool onGpu, CancellationToken cancellationToken)
    {
        var script = Path.Combine(AppContext.BaseDirectory, "peers", "clip_torch.py");
        string[] arguments =
        [
            script, "--device", onGpu ? "cuda" : "cpu", "--dtype", onGpu ? "bf16" : "fp32", "--models", name,
            "--batches", batch.ToString(CultureInfo.InvariantCulture), "--rounds", "3", "--threads",
                get_num_threads().ToString(CultureInfo.InvariantCulture),
            "--text",
        ];
        using var process = Process.Start(
            new ProcessStartInfo(python, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })
            ?? throw new InvalidOperationException($"{python} did not start.");
        var error = process.StandardError.ReadToEndAsync(cancellationToken);
        double perSecond = 0;
        while (await process.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
        {
            using var json = JsonDocument.Parse(line);
            if (json.RootElement.GetProperty("tower").GetString() == tower)
            {
                perSecond = json.RootElement.GetProperty("per_second").GetDouble();
            }
        }

        await process.WaitForExitAsync(cancellationToken);
        return perSecond > 0 ? perSecond
            : throw new InvalidOperationException($"The peer failed (Debian: apt-get install python3-torch): {await error}");
    }

    private static double Median(int times, Action work)
    {
        work();
        return Middle([.. Enumerable.Range(0, times).Select(_ =>
        {
            var started = Stopwatch.GetTimestamp();
            work();
            return Stopwatch.GetElapsedTime(started).TotalSeconds;
        })]);
    }

    private static double Middle(List<double> values)
    {
        values.Sort();
        return values[values.Count / 2];
    }
}
