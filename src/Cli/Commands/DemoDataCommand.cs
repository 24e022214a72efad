using System.CommandLine;
using System.Globalization;
using Sightline.Indexer.Demo;

namespace Sightline.Cli.Commands;

/// <summary><c>demo-data N --out DIR</c>: draws labelled pictures.</summary>
internal static class DemoDataCommand
{
    internal static Command Create()
    {
        var count = new Argument<int>("count") { Description = "How many pictures." };
        var folder = new Option<string>("--out") { Description = "The folder to draw into.", Required = true };
        var seed = new Option<int>("--seed") { Description = "The same seed draws the same pictures.", DefaultValueFactory = _ => 1 };
        var command = new Command("demo-data", "Draw labelled pictures: emoji and shapes, alone and composed, with captions.")
        {
            count, folder, seed,
        };
        command.SetAction((parsed, cancellationToken) =>
        {
            var (wanted, target) = (parsed.GetValue(count), parsed.GetValue(folder)!);
            var json = CommonOptions.Read(parsed).Json;
            var started = TimeProvider.System.GetTimestamp();
            var progress = new Progress<int>(done =>
            {
                if (!json && !Console.IsErrorRedirected)
                {
                    var rate = done / TimeProvider.System.GetElapsedTime(started).TotalSeconds;
                    Console.Error.Write(
                        string.Create(CultureInfo.InvariantCulture,
                            $"\r{done} of {wanted} pictures drawn, {rate:F0} a second, {(wanted - done) / rate:F0} s left   "));
                }
            });
            DemoSet.Draw(wanted, target, parsed.GetValue(seed), progress, cancellationToken);
            if (json)
            {
                Output.Json(new { count = wanted, folder = Path.GetFullPath(target) });
            }
            else
            {
                Console.Error.WriteLine($"\n{wanted} pictures are in {Path.GetFullPath(target)}");
            }

            return Task.FromResult(0);
        });
        return command;
    }
}
