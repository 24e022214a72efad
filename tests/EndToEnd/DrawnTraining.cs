using Sightline.Models.Images;
using Sightline.TestKit;

namespace Sightline.EndToEnd;

/// <summary>Trainings to look at: losses that fall with noise, validations, samples that become clearer. Made up, the same each time.</summary>
internal static class DrawnTraining
{
    private const int Every = 5;
    private const int ValidateEvery = 250;

    private const string Config = """
        seed: 7
        data:
          sources: [{webdataset: /data/shards/{00000..00010}.tar}]
          validation: 0.02
        model: {image: {size: 224, patch: 32, width: 512, layers: 8}, text: {width: 384, layers: 6}}
        batch: 512
        steps: 4000
        rate: 0.0005
        warm_up: 400
        precision: bf16

        """;

    /// <summary>A CLIP that was trained for so many of its 4,000 steps.</summary>
    internal static void WriteClip(string path, string state, long step, int seed, double floor)
    {
        var run = new TrainingFolder(path);
        var chance = new Random(seed);
        var (bestStep, bestScore, lines) = (0L, 0.0, new List<string>());
        for (long at = Every; at <= step; at += Every)
        {
            var loss = floor + ((6.2 - floor) * Math.Exp(-at / 900.0)) + (0.12 * Normal(chance));
            lines.Add(TrainingFolder.LineOf(
                "train", at, ("loss", loss), ("accuracy", Math.Clamp(0.9 - (0.14 * loss) + (0.03 * Normal(chance)), 0, 1)), ("temperature", Math.Min(100, 14.3 + (at / 60.0))),
                ("rate", Rate(at)), ("gradient_norm", 0.4 + (2 * Math.Exp(-at / 300.0)) + Math.Abs(0.15 * Normal(chance))),
                ("images_per_second", 812 + (14 * Normal(chance))), ("waiting", Math.Max(0, 0.012 + (0.008 * Normal(chance))))));
            if (at % ValidateEvery == 0)
            {
                var recall = 0.62 * (1 - Math.Exp(-at / 1300.0)) - (at > 3300 ? (at - 3300) * 0.00003 : 0) + (0.006 * Normal(chance));
                lines.Add(TrainingFolder.LineOf("validation", at, ("loss", loss + 0.22), ("recall_at_1", recall * 0.45), ("recall_at_10", recall)));
                (bestStep, bestScore) = recall > bestScore ? (at, recall) : (bestStep, bestScore);
            }
        }

        Write(run, lines);
        run.WriteRun(state, step, 4000, "clip", bestStep: bestStep, bestScore: bestScore);
    }

    /// <summary>A dVAE half way, with samples of the given pictures.</summary>
    internal static void WriteDvae(string path, string state, IReadOnlyList<string> pictures)
    {
        var run = new TrainingFolder(path);
        var chance = new Random(11);
        var lines = new List<string>();
        for (long at = Every; at <= 2100; at += Every)
        {
            lines.Add(TrainingFolder.LineOf(
                "train", at, ("loss", 0.08 + (0.6 * Math.Exp(-at / 500.0)) + (0.008 * Normal(chance))), ("codes_used", 8192 * (1 - Math.Exp(-at / 600.0))), ("temperature", Math.Max(0.0625, 1 - (at / 3000.0))),
                ("rate", Rate(at)), ("gradient_norm", 0.3 + Math.Abs(0.1 * Normal(chance))), ("images_per_second", 233 + (6 * Normal(chance))), ("waiting", 0)));
            if (at % ValidateEvery == 0)
            {
                lines.Add(TrainingFolder.LineOf("validation", at, ("loss", 0.09 + (0.6 * Math.Exp(-at / 500.0))), ("psnr", 27 - (13 * Math.Exp(-at / 700.0)))));
                var block = (int)Math.Max(1, 32 >> (int)(at / 400));
                run.AddSample($"step-{at:D8}.png", Sample(pictures, block, 40.0 / (1 + (at / 300.0)), chance));
            }
        }

        Write(run, lines);
        run.WriteRun(state, 2100, 4000, "dvae", bestStep: 2000, bestScore: 26.3);
    }

    /// <summary>A prior whose loss became no number.</summary>
    internal static void WriteFailed(string path)
    {
        var run = new TrainingFolder(path);
        var chance = new Random(13);
        Write(run, Enumerable.Range(1, 60).Select(i => TrainingFolder.LineOf(
            "train", i * 20, ("loss", i < 57 ? 7.4 - (0.02 * i) + (0.05 * Normal(chance)) + (i > 50 ? (i - 50) * 0.2 : 0) : double.NaN), ("rate", Rate(i * 20)),
            ("gradient_norm", i < 57 ? 1 + (i > 50 ? (i - 50) * 4 : 0) + (0.1 * Math.Abs(Normal(chance))) : double.NaN), ("images_per_second", 96), ("waiting", 0.3))));
        run.WriteRun("failed", 1200, 4000, "prior", error: "The loss is no finite number at step 1,140: lower the rate, or clip gradients sooner.");
    }

    private static void Write(TrainingFolder run, IEnumerable<string> lines)
    {
        File.WriteAllText(run.PathOf("config.yaml"), Config);
        run.AddText(string.Concat(lines.Select(line => line + "\n")));
    }

    private static double Rate(long step) => step < 400 ? 0.0005 * step / 400 : 0.00025 * (1 + Math.Cos(Math.PI * (step - 400) / 3600.0));

    private static double Normal(Random chance) => Math.Sqrt(-2 * Math.Log(1 - chance.NextDouble())) * Math.Cos(2 * Math.PI * chance.NextDouble());

    // Pictures above, and below what came out: means over blocks, with noise.
    private static byte[] Sample(IReadOnlyList<string> pictures, int block, double noise, Random chance)
    {
        const int Side = 96;
        var (width, height) = (Side * pictures.Count, 2 * Side);
        var pixels = new byte[width * height * 3];
        foreach (var (number, path) in pictures.Index())
        {
            Assert.True(ImageDecoder.TryDecode(path, new DecodeOptions(ShorterSide: Side), out var decoded, out var fault), fault?.Detail);
            var picture = decoded!.Pixels;
            var scale = Math.Min(picture.Width, picture.Height) / (double)Side;
            for (var y = 0; y < Side; y++)
            {
                for (var x = 0; x < Side; x++)
                {
                    for (var colour = 0; colour < 3; colour++)
                    {
                        var column = (number * Side) + x;
                        pixels[(((y * width) + column) * 3) + colour] = picture.Pixels[At(picture, x * scale, y * scale) + colour];
                        var coarse = picture.Pixels[At(picture, x / block * block * scale, y / block * block * scale) + colour];
                        pixels[((((y + Side) * width) + column) * 3) + colour] = (byte)Math.Clamp(coarse + (noise * Normal(chance)), 0, 255);
                    }
                }
            }
        }

        return ImageEncoder.EncodePng(new RgbImage(width, height, pixels));
    }

    private static int At(RgbImage picture, double x, double y) => (((int)y * picture.Width) + (int)x) * 3;
}
