using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text.RegularExpressions;
using Sightline.Web.Metrics;

namespace Sightline.Web.Tests;

/// <summary>The metrics page, read by the rules of Prometheus's text format.</summary>
public sealed partial class MetricsTests(Server server) : IClassFixture<Server>
{
    [Fact]
    public async Task The_server_tells_its_times_counts_and_sizes()
    {
        var before = Parse(await server.Http.GetStringAsync("/metrics"));
        await server.Http.GetStringAsync("/api/search?q=something+new");
        var response = await server.Http.GetAsync("/metrics");
        var after = Parse(await response.Content.ReadAsStringAsync());

        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        Assert.Equal(4, after["sightline_index_vectors"].Single().Value);
        Assert.Equal(4, after["sightline_index_images_total"].Single(s => s.Labels["outcome"] == "added").Value);
        Assert.Equal(1, after["sightline_jobs_total"].Single(s => s.Labels["outcome"] == "succeeded").Value);
        Assert.Equal(["queued", "running"], after["sightline_jobs_open"].Select(s => s.Labels["state"]));
        Assert.True(Value(after, "sightline_embed_image_duration_seconds_count") >= 1);
        foreach (var each in new[]
            { "sightline_embed_text_duration_seconds", "sightline_index_search_duration_seconds", "sightline_database_read_duration_seconds" })
        {
            Assert.Equal(1, Value(after, each + "_count") - Value(before, each + "_count"));
            Assert.True(Value(after, each + "_sum") > Value(before, each + "_sum"), each);
        }

        Assert.Contains(after["http_server_request_duration_seconds_count"], s => s.Labels["http_route"] == "/api/search" && s.Value == 1);
        Assert.All(after.Values.SelectMany(s => s).SelectMany(s => s.Labels.Values),
            label => Assert.DoesNotContain("Host=", label, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public void Names_labels_and_help_are_escaped_and_clashing_kinds_are_shown_once()
    {
        using var meter = new Meter("Test.Escapes");
        using var page = new MetricsPage(["Test.Escapes"]);
        meter.CreateCounter<int>("odd-name.of things", "By", "A \\ and\na line").Add(3,
            new("1st.key", "quote \" back \\ line\n."), new("empty", null));
        meter.CreateUpDownCounter<int>("odd-name.of things_bytes_total").Add(7);
        var gauge = meter.CreateGauge<double>("level");
        gauge.Record(2);
        gauge.Record(double.NaN);
        meter.CreateHistogram<double>("wait", "s").Record(double.PositiveInfinity);

        var text = page.Write();
        var parsed = Parse(text);

        Assert.Contains("# HELP odd_name_of_things_bytes_total A \\\\ and\\na line\n", text, StringComparison.Ordinal);
        var sample = parsed["odd_name_of_things_bytes_total"].Single();
        Assert.Equal((3, "quote \" back \\ line\n.", ""), (sample.Value, sample.Labels["_1st_key"], sample.Labels["empty"]));
        Assert.Equal(double.NaN, Value(parsed, "level"));
        Assert.Equal(1, Value(parsed, "wait_seconds_count"));
        Assert.Equal(double.PositiveInfinity, Value(parsed, "wait_seconds_sum"));
    }

    [Fact]
    public void Updates_from_many_threads_are_all_counted_and_every_page_agrees_with_itself()
    {
        const int Threads = 4;
        const int Each = 20_000;
        using var meter = new Meter("Test.Threads");
        using var page = new MetricsPage(["Test.Threads"]);
        var times = meter.CreateHistogram<double>("times", "s");
        var labelled = meter.CreateCounter<long>("labelled");
        var writers = Enumerable.Range(0, Threads).Select(thread => new Thread(() =>
        {
            for (var i = 0; i < Each; i++)
            {
                times.Record(i % 4);
                labelled.Add(1, new KeyValuePair<string, object?>("thread", thread % 2));
            }
        })).ToList();
        writers.ForEach(w => w.Start());
        while (writers.Exists(w => w.IsAlive))
        {
            // The parser checks that buckets grow and end in the count.
            Parse(page.Write());
        }

        writers.ForEach(w => w.Join());
        var last = Parse(page.Write());
        Assert.Equal(Threads * Each, Value(last, "times_seconds_count"));
        Assert.Equal(Threads * Each * 1.5, Value(last, "times_seconds_sum"));
        Assert.Equal([Threads * Each / 2.0, Threads * Each / 2.0], last["labelled_total"].Select(s => s.Value));
    }

    [Fact]
    public void Labels_without_end_do_not_fill_the_memory()
    {
        using var meter = new Meter("Test.Labels");
        using var page = new MetricsPage(["Test.Labels"]);
        var counter = meter.CreateCounter<long>("many");
        for (var i = 0; i < 5000; i++)
        {
            counter.Add(1, new KeyValuePair<string, object?>("i", i));
        }

        var series = Parse(page.Write())["many_total"];
        Assert.Equal(2001, series.Count);
        Assert.Equal(5000, series.Sum(s => s.Value));
        Assert.Equal(3000, series.Single(s => s.Labels.ContainsKey("otel_metric_overflow")).Value);
    }

    private static double Value(Dictionary<string, List<Sample>> samples, string name) =>
        samples.TryGetValue(name, out var found) ? found.Single().Value : 0;

    // Refuses whatever the format does: a type told twice, lines of a family apart, a sample twice, buckets that fall.
    private static Dictionary<string, List<Sample>> Parse(string text)
    {
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        var samples = new Dictionary<string, List<Sample>>();
        var types = new Dictionary<string, string>();
        var seen = new HashSet<string>();
        var family = "";
        foreach (var line in text[..^1].Split('\n'))
        {
            if (line.StartsWith("# HELP ", StringComparison.Ordinal))
            {
                continue;
            }

            if (line.StartsWith("# TYPE ", StringComparison.Ordinal))
            {
                var words = line.Split(' ');
                family = words[2];
                Assert.Contains(words[3], new[] { "counter", "gauge", "histogram" });
                Assert.True(types.TryAdd(family, words[3]), $"{family} has two types");
                continue;
            }

            var match = SampleLine().Match(line);
            Assert.True(match.Success, $"no sample: {line}");
            var name = match.Groups["name"].Value;
            Assert.Contains(name, types[family] == "histogram" ? [family + "_bucket", family + "_sum", family + "_count"] : new[] { family });
            Assert.True(seen.Add(name + match.Groups["labels"].Value), $"twice: {line}");
            var labels = match.Groups["key"].Captures.Zip(match.Groups["value"].Captures).ToDictionary(
                l => l.First.Value, l => Escape().Replace(l.Second.Value, e => e.Value == @"\n" ? "\n" : e.Value[1..]));
            if (!samples.TryGetValue(name, out var list))
            {
                samples[name] = list = [];
            }

            list.Add(new Sample(labels, Number(match.Groups["number"].Value)));
        }

        foreach (var histogram in types.Where(t => t.Value == "histogram").Select(t => t.Key))
        {
            foreach (var count in samples[histogram + "_count"])
            {
                var buckets = samples[histogram + "_bucket"]
                    .Where(b => b.Labels.Count == count.Labels.Count + 1 && count.Labels.All(l => b.Labels[l.Key] == l.Value)).ToList();
                Assert.Equal(buckets.OrderBy(b => Number(b.Labels["le"])).Select(b => b.Value), buckets.Select(b => b.Value).Order());
                Assert.Equal(count.Value, buckets.Single(b => b.Labels["le"] == "+Inf").Value);
            }
        }

        return samples;
    }

    private static double Number(string text) => text switch
    {
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        _ => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture),
    };

    [GeneratedRegex("""^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?<labels>\{((^|,|(?<=\{))(?<key>[a-zA-Z_][a-zA-Z0-9_]*)="(?<value>([^"\\]|\\[\\n"])*)")+\})? (?<number>\S+)$""")]
    private static partial Regex SampleLine();

    [GeneratedRegex("""\\[\\n"]""")]
    private static partial Regex Escape();

    private sealed record Sample(Dictionary<string, string> Labels, double Value);
}
