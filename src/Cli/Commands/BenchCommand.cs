using System.CommandLine;
using Sightline.Bench;

namespace Sightline.Cli.Commands;

/// <summary><c>bench clip</c>: ratios against a named peer, in one run.</summary>
internal static class BenchCommand
{
    internal static Command Create() => new("bench", "Benchmarks that print ratios against a named peer.") { Clip() };

    private static Command Clip()
    {
        var python = new Option<string>("--python")
        {
            Description = "A Python that has torch: the peer.",
            DefaultValueFactory = _ => "/usr/bin/python3",
        };
        var rounds = new Option<int>("--rounds")
        {
            Description = "Rounds of ours and the peer's in turn; medians count.",
            DefaultValueFactory = _ => 3,
        };
        var models = new Option<string?>("--models")
        {
            Description = "ViT-B/32, ViT-B/16, ViT-L/14, with commas between; default: all on a GPU, ViT-B/32 on a CPU.",
        };
        var command = new Command("clip", "CLIP's towers against PyTorch.") { python, rounds, models };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = CommonOptions.Read(parsed);
            var bench = new ClipBench(parsed.GetValue(python)!, options.Compute, parsed.GetValue(models)?.Split(','),
                parsed.GetValue(rounds));
            var figures = await bench.RunAsync(options.Json ? TextWriter.Null : Console.Out, cancellationToken);
            if (options.Json)
            {
                Output.Json(figures);
            }
            else
            {
                foreach (var (name, value) in figures)
                {
                    Console.Out.WriteLine(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{name} {value:G5}"));
                }
            }

            return 0;
        });
        return command;
    }
}
