using System.Diagnostics;
using System.Globalization;
using System.Numerics.Tensors;
using Sightline.Models;
using Sightline.Search;

namespace Sightline.Bench;

/// <summary>
/// The vector index against hnswlib (bench/peers/hnswlib.cpp, compiled here for this machine), on the same files in one run: one search
/// thread, all cores to build, recall@10. Also what filters cost, against a scan of the same rows.
/// </summary>
/// <param name="folder">See <see cref="AnnData"/>.</param>
/// <param name="charts">Where the curves are written as SVG; null: nowhere.</param>
public sealed class AnnBench(string folder, string? charts)
{
    private static readonly int[] Beams = [10, 12, 16, 24, 32, 40, 48, 64, 80, 96, 128, 192, 256, 400, 800];

    // The runtime compiles the hot loops again while they run.
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(3);

    private static readonly double[] Recalls = [0.95, 0.99, 0.999];

    private sealed record Figures(double BuildSeconds, double Bytes, List<(int Beam, double Recall, double PerSecond)> Curve);

    /// <returns>Ratios by name, ours over the peer's: above 1 we are faster; for memory below 1 we are smaller.</returns>
    /// <exception cref="InvalidOperationException">The peer cannot be compiled or run; says what it printed.</exception>
    public async Task<IReadOnlyList<KeyValuePair<string, double>>> RunAsync(TextWriter report, CancellationToken cancellationToken)
    {
        var peer = await PeerAsync(report, cancellationToken);
        var data = new AnnData(folder);
        var (ours, segment) = await OursAsync(data, report, cancellationToken);
        if (charts is not null)
        {
            Directory.CreateDirectory(charts);
            await File.WriteAllTextAsync(Path.Combine(charts, $"ann-{data.Rows}.svg"), new SvgChart(
                $"{data.Rows:N0} x {data.Dimensions}, one search thread", "recall@10", "queries/s", XScale.Nines,
                [new("Sightline", Points(ours)), new("hnswlib", Points(peer))]).ToString(), cancellationToken);
        }

        await FilterAsync(data, segment, report, cancellationToken);
        var ratios = Recalls.Select(recall => new KeyValuePair<string, double>(
            string.Create(CultureInfo.InvariantCulture, $"ratio_qps_{recall}"), At(ours, recall) / At(peer, recall))).ToList();
        ratios.Add(new("ratio_build", peer.BuildSeconds / ours.BuildSeconds));
        ratios.Add(new("ratio_memory", ours.Bytes / peer.Bytes));
        return ratios;
    }

    private static List<(double X, double Y)> Points(Figures figures) => [.. figures.Curve.Select(p => (p.Recall, p.PerSecond))];

    // Queries a second at a recall, between two beams by the logarithm; NaN where the curve does not reach it.
    private static double At(Figures figures, double recall)
    {
        var (below, above) = (figures.Curve.LastOrDefault(p => p.Recall < recall), figures.Curve.FirstOrDefault(p => p.Recall >= recall));
        if (above.PerSecond == 0 || below.PerSecond == 0)
        {
            return above.PerSecond == 0 ? double.NaN : above.PerSecond;
        }

        var part = (recall - below.Recall) / (above.Recall - below.Recall);
        return Math.Exp((1 - part) * Math.Log(below.PerSecond) + part * Math.Log(above.PerSecond));
    }

    private static async Task<(Figures Ours, Segment Segment)> OursAsync(AnnData data, TextWriter report, CancellationToken cancellationToken)
    {
        var rows = data.SourceRows();
        var before = Resident();
        var started = Stopwatch.GetTimestamp();
        var segment = SegmentBuilder.Build(data.Dimensions, rows, null, new IndexOptions().BuildBeam,
            Cores.Options(cancellationToken), null);
        var figures = new Figures(Stopwatch.GetElapsedTime(started).TotalSeconds, Resident() - before, []);
        var shape = segment.Image.Shape;
        await report.WriteLineAsync(Line($"sightline: build {figures.BuildSeconds:F1} s ({data.Rows / figures.BuildSeconds:F0} vectors/s), {figures.Bytes / data.Rows:F0} resident bytes a vector, {segment.Bytes / (double)data.Rows:F0} by our own count; walk codes of {shape.Width} x {shape.Levels} bytes"));
        for (var warm = Stopwatch.StartNew(); warm.Elapsed < WarmUp;)
        {
            Round(data, segment, 64, cancellationToken);
        }

        foreach (var beam in Beams)
        {
            var rounds = Enumerable.Range(0, 3).Select(_ => Round(data, segment, beam, cancellationToken)).ToList();
            figures.Curve.Add((beam, rounds[0].Recall, rounds.Max(r => r.PerSecond)));
            await report.WriteLineAsync(Line($"sightline: beam {beam,4}  recall@10 {rounds[0].Recall:F4}  {figures.Curve[^1].PerSecond,8:F0} queries/s"));
        }

        return (figures, segment);
    }

    private static (double Recall, double PerSecond) Round(AnnData data, Segment segment, int beam, CancellationToken cancellationToken)
    {
        var found = 0;
        var started = Stopwatch.GetTimestamp();
        for (var query = 0; query < data.Queries; query++)
        {
            var best = new TopImages(10);
            segment.Search(new PreparedQuery(data.Query(query)), 10, beam, VectorFilter.None, best, cancellationToken);
            var truth = data.Truth(query)[..10];
            foreach (var hit in best.ToSortedArray())
            {
                found += truth.Contains((int)hit.Image.Value) ? 1 : 0;
            }
        }

        return (found / (10.0 * data.Queries), data.Queries / Stopwatch.GetElapsedTime(started).TotalSeconds);
    }

    private async Task FilterAsync(AnnData data, Segment segment, TextWriter report, CancellationToken cancellationToken)
    {
        // The attribute has nothing to do with the vectors; near and far are the rows most and least like each query.
        const int Queries = 50;
        double[] selectivities = [0.5, 0.1, 0.05, 0.02, 0.01, 0.001, 1.0 / data.Rows];
        var kinds = new (string Name, Func<int[], int, HashSet<long>> Allow)[]
        {
            ("independent", (order, count) => count == 1
                ? [order[data.Rows / 3]]
                : [.. order.Where(row => data.Attribute(row) < 1000.0 * count / data.Rows).Select(row => (long)row)]),
            ("near the query", (order, count) => [.. order.Take(count).Select(row => (long)row)]),
            ("far from the query", (order, count) => [.. order.TakeLast(count).Select(row => (long)row)]),
        };
        var curves = kinds.Select(kind => new SvgSeries(kind.Name, [])).ToList();
        await report.WriteLineAsync("filters (beam 64): rows allowed, recall@10, microseconds a query");
        foreach (var selectivity in selectivities)
        {
            var count = (int)Math.Max(1, selectivity * data.Rows);
            var sums = new (double Recall, double Microseconds)[kinds.Length];
            for (var query = 0; query < Queries; query++)
            {
                var (order, scores) = Order(data, query);
                for (var kind = 0; kind < kinds.Length; kind++)
                {
                    var allowed = kinds[kind].Allow(order, count);
                    var filter = new VectorFilter(new ImageSet(allowed), null, null);
                    var truth = order.Where(row => allowed.Contains(row)).Take(10).ToArray();
                    segment.Search(new PreparedQuery(data.Query(query)), 10, 64, filter, new TopImages(10), cancellationToken);
                    var started = Stopwatch.GetTimestamp();
                    var best = new TopImages(10);
                    segment.Search(new PreparedQuery(data.Query(query)), 10, 64, filter, best, cancellationToken);
                    sums[kind].Microseconds += Stopwatch.GetElapsedTime(started).TotalMicroseconds / Queries;
                    var hits = best.ToSortedArray();
                    if (hits.Length != truth.Length)
                    {
                        throw new InvalidOperationException(Line($"{hits.Length} hits of {truth.Length}, {kinds[kind].Name}, {count} rows."));
                    }

                    // As good as the worst true one, to the precision of scores.
                    sums[kind].Recall += hits.Count(hit => hit.Score >= scores[truth[^1]] - 2e-5f) / (double)truth.Length / Queries;
                }
            }

            for (var kind = 0; kind < kinds.Length; kind++)
            {
                curves[kind].Points.Add((selectivity, sums[kind].Microseconds));
                await report.WriteLineAsync(Line($"  {kinds[kind].Name,-18} {selectivity,9:P3}  {Math.Min(1, sums[kind].Recall):F4}  {sums[kind].Microseconds,9:F1}"));
            }
        }

        if (charts is not null)
        {
            await File.WriteAllTextAsync(Path.Combine(charts, $"filter-{data.Rows}.svg"), new SvgChart(
                $"{data.Rows:N0} x {data.Dimensions}: what a filter costs, recall@10 at least 0.95", "part of the rows allowed",
                "microseconds a query", XScale.Logarithm, curves).ToString(), cancellationToken);
        }
    }

    // All rows by their true score, best first.
    private static (int[] Order, float[] Scores) Order(AnnData data, int query)
    {
        var scores = new float[data.Rows];
        Parallel.For(0, data.Rows, Cores.Options(CancellationToken.None), row => scores[row] = TensorPrimitives.Dot(data.Vector(row), data.Query(query)));
        var keys = scores.ToArray();
        var order = Enumerable.Range(0, data.Rows).ToArray();
        TensorPrimitives.Negate(keys, keys);
        Array.Sort(keys, order);
        return (order, scores);
    }

    private async Task<Figures> PeerAsync(TextWriter report, CancellationToken cancellationToken)
    {
        var program = Path.Combine(Path.GetTempPath(), $"sightline-hnswlib-{Environment.ProcessId}");
        try
        {
            await foreach (var line in RunAsync("g++",
                ["-O3", "-march=native", "-std=c++17", "-pthread", Path.Combine(AppContext.BaseDirectory, "peers", "hnswlib.cpp"), "-o", program],
                "Debian: apt-get install g++ libhnswlib-dev", cancellationToken))
            {
                await report.WriteLineAsync(line);
            }

            var figures = new Figures(0, 0, []);
            var threads = Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture);
            await foreach (var line in RunAsync(program, [folder, "16", "200", threads], "", cancellationToken))
            {
                var words = line.Split(' ');
                double Number(int word) => double.Parse(words[word], CultureInfo.InvariantCulture);
                if (words[0] == "build")
                {
                    figures = figures with { BuildSeconds = Number(1), Bytes = Number(2) };
                    await report.WriteLineAsync(Line($"hnswlib:   M 16, efConstruction 200: build {Number(1):F1} s, {threads} threads"));
                }
                else
                {
                    figures.Curve.Add(((int)Number(1), Number(2), Number(3)));
                    await report.WriteLineAsync(Line($"hnswlib:   ef {words[1],6}  recall@10 {Number(2):F4}  {Number(3),8:F0} queries/s"));
                }
            }

            return figures;
        }
        finally
        {
            File.Delete(program);
        }
    }

    private static async IAsyncEnumerable<string> RunAsync(
        string program, string[] arguments, string advice, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var process = Process.Start(
            new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })
            ?? throw new InvalidOperationException($"{program} did not start.");
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        while (await process.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
        {
            yield return line;
        }

        await process.WaitForExitAsync(cancellationToken);
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"The peer failed: {program} ended with {process.ExitCode}. {await errors} {advice}");
        }
    }

    private static double Resident()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        using var self = Process.GetCurrentProcess();
        return self.WorkingSet64;
    }

    private static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
