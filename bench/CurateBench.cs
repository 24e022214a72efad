using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Sightline.Curation;
using Sightline.Curation.Import;
using Sightline.Curation.Languages;

namespace Sightline.Bench;

/// <summary>
/// Import and text filters over made-up pairs (<see cref="SyntheticPairs"/>) against the same filters in pandas (bench/peers/curate_pandas.py),
/// on the same file in one run. Ours reads the file, counts every caption's facts with its language, stores the pairs, judges each and
/// stores its verdict; the peer reads the file, filters, the cheap filters first, and writes the rows that are left.
/// </summary>
/// <param name="python">A Python that has pandas: the peer; null: ours only.</param>
/// <param name="rounds">Of ours and the peer's in turn; medians count.</param>
public sealed class CurateBench(long pairs, string? python, int rounds)
{
    // What the peer does too.
    private const string Filters = """
        filters:
          - image_size: {min_shorter_side: 200, max_aspect: 3}
          - caption_length: {min_characters: 5, max_characters: 1000, min_words: 3}
          - caption_shape
          - repetition
          - dates_and_boilerplate: {drop_any_date: true, max_share: 0.3}
          - marks
          - language: {allow: [en]}
          - exact_duplicate_captions
        """;

    /// <returns>pairs/s of both, their ratio (ratio_curate), our peak memory.</returns>
    public async Task<IReadOnlyDictionary<string, double>> RunAsync(TextWriter report, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("sightline-curate-").FullName;
        try
        {
            var file = Path.Combine(folder, "pairs.tsv");
            await SyntheticPairs.WriteAsync(file, pairs, cancellationToken);
            await report.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{pairs:N0} pairs, {new FileInfo(file).Length / 1e6:F0} MB"));
            List<double> ours = [], theirs = [];
            for (var round = 0; round < rounds; round++)
            {
                ours.Add(RunOurs(file, Path.Combine(folder, $"ours-{round}"), report, cancellationToken));
                if (python is not null)
                {
                    theirs.Add(await RunPeerAsync(file, Path.Combine(folder, "kept.txt"), report, cancellationToken));
                }
            }

            var figures = new Dictionary<string, double>
            {
                ["curate_pairs_per_second"] = pairs / Median(ours),
                ["peak_mib"] = PeakMiB(),
            };
            if (theirs.Count > 0)
            {
                figures["curate_pandas_pairs_per_second"] = pairs / Median(theirs);
                figures["ratio_curate"] = Median(theirs) / Median(ours);
            }

            return figures;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private double RunOurs(string file, string folder, TextWriter report, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        var dataset = new PairDataset(Path.Combine(folder, "dataset"));
        var source = PairSources.Open(new PairSourceRequest(file));
        var result = new DatasetImporter(new CaptionReader(new LanguageIdentifier())).Run(source, dataset, new ImportProgress(), cancellationToken);
        var imported = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var context = new RecipeContext(folder, false, name => throw new RecipeException(name));
        var run = new CurationRun(dataset, RecipeReader.Read(Filters), context, Path.Combine(folder, "run")).Run(new RunProgress(), cancellationToken);
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        report.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"ours: {seconds:F2} s (import {imported:F2}, run {seconds - imported:F2}), {run.Kept:N0} kept of {result.Pairs:N0}"));
        foreach (var step in run.Steps)
        {
            report.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {step.Filter} {step.Out:N0}"));
        }

        Directory.Delete(folder, recursive: true);
        return seconds;
    }

    private async Task<double> RunPeerAsync(string file, string kept, TextWriter report, CancellationToken cancellationToken)
    {
        var script = Path.Combine(AppContext.BaseDirectory, "peers", "curate_pandas.py");
        var library = Path.Combine(AppContext.BaseDirectory, "libsightline_lang.so");
        using var process = Process.Start(
            new ProcessStartInfo(python!, [script, file, library, kept]) { RedirectStandardOutput = true, RedirectStandardError = true })
            ?? throw new InvalidOperationException($"{python} did not start.");
        var error = process.StandardError.ReadToEndAsync(cancellationToken);
        var line = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"The peer failed (Debian: apt-get install python3-pandas): {await error}");
        }

        var answer = JsonElement.Parse(line);
        var seconds = answer.GetProperty("seconds").GetDouble();
        await report.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture, $"pandas: {seconds:F2} s, {answer.GetProperty("kept").GetInt64():N0} kept: {answer.GetProperty("steps")}"));
        return seconds;
    }

    private static double PeakMiB()
    {
        using var self = Process.GetCurrentProcess();
        return self.PeakWorkingSet64 / (double)(1 << 20);
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
