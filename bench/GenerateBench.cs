using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Sightline.Models.Clip;
using Sightline.Models.Generation;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Bench;

/// <summary>
/// Image tokens a second of priors with random weights, 64 text and some image tokens, against PyTorch with a static cache
/// (bench/peers/generate_torch.py) in turn in one run; on a CPU also the share of the memory's speed, measured in the same run.
/// </summary>
/// <param name="python">A Python that has torch; null: without the peer.</param>
/// <param name="tokens">Image tokens of a picture: a square.</param>
/// <param name="batches">Sequences at once; null: 1, 16 and 64 on a CPU, 1, 64 and 512 on a GPU.</param>
/// <param name="models">Such as <c>8x512</c>; null: 8x512 and 24x1024.</param>
/// <param name="plain">Steps go through libtorch alone.</param>
public sealed class GenerateBench(
    string? python, ComputeOptions compute, int[]? batches, string[]? models, int tokens, int rounds, bool plain)
{
    private const int Text = 64;
    private const int Vocabulary = 2048;

    /// <returns>Figures by name; ratios are ours over the peer's, so above 1 we are faster.</returns>
    /// <exception cref="InvalidOperationException">The peer cannot be run; says what it printed.</exception>
    public async Task<IReadOnlyDictionary<string, double>> RunAsync(TextWriter report, CancellationToken cancellationToken)
    {
        var (device, type) = compute.Resolve();
        var onGpu = device.type == DeviceType.CUDA;
        var precisions = compute.Precision == "auto" ? [ScalarType.BFloat16, ScalarType.Float32] : new[] { type };
        var figures = new SortedDictionary<string, double>(StringComparer.Ordinal);
        foreach (var model in models ?? ["8x512", "24x1024"])
        {
            var sizes = model.Split('x').Select(part => int.Parse(part, CultureInfo.InvariantCulture)).ToArray();
            foreach (var precision in precisions)
            {
                using var prior = Build(sizes[0], sizes[1], precision, device);
                foreach (var batch in batches ?? (onGpu ? [1, 64, 512] : [1, 16, 64]))
                {
                    await CompareAsync(report, figures, model, prior, batch, onGpu, cancellationToken);
                }
            }
        }

        return figures;
    }

    private async Task CompareAsync(
        TextWriter report, SortedDictionary<string, double> figures, string model, Prior prior, int batch, bool onGpu,
        CancellationToken cancellationToken)
    {
        var (ours, theirs, memory) = (new List<double>(), new List<double>(), new List<double>());
        Picture(prior, batch, 4);
        for (var round = 0; round < rounds; round++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ours.Add(batch * tokens / Picture(prior, batch, tokens));
            if (!onGpu)
            {
                memory.Add(ReadSpeed());
            }

            if (python is not null)
            {
                theirs.Add(await PeerAsync(prior, batch, onGpu, cancellationToken));
            }
        }

        var precision = prior.Type == ScalarType.BFloat16 ? "bf16" : "fp32";
        var key = $"{model}_{precision}_batch{batch}";
        var speed = figures[$"tokens_per_second_{key}"] = Middle(ours);
        var line = string.Create(CultureInfo.InvariantCulture, $"{model} {precision}, batch {batch}: {speed:F0} tokens/s");
        if (memory.Count > 0)
        {
            var read = figures[$"memory_bytes_per_second_{key}"] = Middle(memory);
            var share = figures[$"memory_share_{key}"] = speed / batch * BytesPerStep(prior, batch) / read;
            line += string.Create(CultureInfo.InvariantCulture, $", {share:P0} of the {read / 1e9:F1} GB/s that memory gives");
        }

        if (theirs.Count > 0)
        {
            var peer = figures[$"peer_tokens_per_second_{key}"] = Middle(theirs);
            figures[$"ratio_generate_{key}"] = speed / peer;
            line += string.Create(CultureInfo.InvariantCulture, $"; PyTorch {peer:F0} tokens/s, ratio {speed / peer:F2}");
        }

        await report.WriteLineAsync(line);
    }

    private Prior Build(int layers, int width, ScalarType type, Device device)
    {
        var side = (int)Math.Sqrt(tokens);
        using var source = new RandomSource(7);
        var config = new PriorConfig(
            width, width / 64, 4 * width, Vocabulary, Text, new TokenGrid(side, tokens / side, Vocabulary), ImageAttention.PaperLayers(layers));
        var prior = new Prior(source, config);
        prior.to(type);
        prior.to(device);
        return prior;
    }

    // Seconds for all sequences, the text included.
    private double Picture(Prior prior, int batch, int length)
    {
        using var mode = inference_mode();
        using var scope = NewDisposeScope();
        using var chance = new Generator(3, prior.Device);
        var text = ones([1, Text], ScalarType.Int64, prior.Device);
        var sampling = new SamplingOptions(batch);
        var started = Stopwatch.GetTimestamp();
        using var decoding = plain ? new PriorDecoding(prior, text, batch, [], kernel: null) : new PriorDecoding(prior, text, batch, []);
        Tensor? chosen = null;
        for (var at = 0; at < length; at++)
        {
            using var inner = NewDisposeScope();
            var uniforms = rand([batch], ScalarType.Float64, prior.Device, generator: chance);
            chosen = TokenSampler.Sample(decoding.Next(chosen), sampling, uniforms).MoveToOuterDisposeScope();
        }

        chosen!.cpu();
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    // What a step cannot but read: the weights of blocks and head, and of the caches what the mean position sees.
    private static double BytesPerStep(Prior prior, int batch)
    {
        var (config, size) = (prior.Config, prior.Type == ScalarType.BFloat16 ? 2.0 : 4.0);
        var weights = prior.named_parameters()
            .Where(p => p.name.StartsWith("blocks.", StringComparison.Ordinal) || p.name.StartsWith("image_head", StringComparison.Ordinal))
            .Sum(p => p.parameter.numel());
        var seen = config.Attention.Sum(a => a.Windows(config.Grid).Average(w => w.Length));
        return size * (weights + 2.0 * config.Width * (batch * seen + config.Attention.Count * Text));
    }

    // Bytes a second: 512 MiB, which no cache holds, summed by as many threads as the model uses.
    private static double ReadSpeed()
    {
        var numbers = new float[128 * 1024 * 1024];
        Array.Fill(numbers, 1);
        return Enumerable.Range(0, 5).Max(_ =>
        {
            var started = Stopwatch.GetTimestamp();
            PriorKernel.Sum(numbers, get_num_threads());
            return sizeof(float) * (double)numbers.Length / Stopwatch.GetElapsedTime(started).TotalSeconds;
        });
    }

    private async Task<double> PeerAsync(Prior prior, int batch, bool onGpu, CancellationToken cancellationToken)
    {
        var config = prior.Config;
        (string Name, object Value)[] options =
        [
            ("device", onGpu ? "cuda" : "cpu"), ("dtype", prior.Type == ScalarType.BFloat16 ? "bf16" : "fp32"), ("layers", config.Attention.Count),
            ("width", config.Width), ("batch", batch), ("text", Text), ("image", config.Grid.Length), ("vocabulary", Vocabulary),
            ("threads", get_num_threads()),
        ];
        var script = Path.Combine(AppContext.BaseDirectory, "peers", "generate_torch.py");
        string[] arguments =
            [script, .. options.SelectMany(o => new[] { $"--{o.Name}", Convert.ToString(o.Value, CultureInfo.InvariantCulture)! })];
        using var process = Process.Start(
            new ProcessStartInfo(python!, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })
            ?? throw new InvalidOperationException($"{python} did not start.");
        var error = process.StandardError.ReadToEndAsync(cancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"The peer failed (Debian: apt-get install python3-torch): {await error}");
        }

        using var json = JsonDocument.Parse(output);
        return json.RootElement.GetProperty("tokens_per_second").GetDouble();
    }

    private static double Middle(List<double> values)
    {
        values.Sort();
        return values[values.Count / 2];
    }
}
