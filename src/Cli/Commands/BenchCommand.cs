using System.CommandLine;
using Sightline.Bench;

namespace Sightline.Cli.Commands;

/// <summary><c>bench</c>: ratios against a named peer, in one run.</summary>
internal static class BenchCommand
{
    private const string CrashWriterName = "crash-writer";

    internal static Command Create() => new("bench", "Benchmarks that print ratios against a named peer.")
    {
        Clip(), Generate(), Ann(), Index(), Languages(), Curate(), Crash(), CrashWriter(), Serve(),
    };

    private static Command Ann()
    {
        var data = DataOption();
        var charts = new Option<string?>("--svg") { Description = "Write the curves into this folder." };
        var command = new Command("ann", "The vector index against hnswlib, and what filters cost.") { data, charts };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var bench = new AnnBench(parsed.GetValue(data)!, parsed.GetValue(charts));
            return Print(parsed, await bench.RunAsync(Report(parsed), cancellationToken));
        });
        return command;
    }

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
            return Print(parsed, await bench.RunAsync(Report(parsed), cancellationToken));
        });
        return command;
    }

    private static Command Generate()
    {
        var python = new Option<string?>("--python") { Description = "A Python that has torch: the peer. Without: ours alone." };
        var rounds = new Option<int>("--rounds")
        {
            Description = "Rounds of ours and the peer's in turn; medians count.",
            DefaultValueFactory = _ => 3,
        };
        var models = new Option<string?>("--models") { Description = "LAYERSxWIDTH, with commas between; default: 8x512,24x1024." };
        var batches = new Option<string?>("--batches") { Description = "Sequences at once; default: 1,16,64, on a GPU 1,64,512." };
        var tokens = new Option<int>("--tokens") { Description = "Image tokens, a square number.", DefaultValueFactory = _ => 256 };
        var plain = new Option<bool>("--plain") { Description = "Every step through libtorch, also where our own kernel serves." };
        var command = new Command("generate", "Token by token sampling against PyTorch, and against the speed of memory.")
        {
            python, rounds, models, batches, tokens, plain,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var bench = new GenerateBench(
                parsed.GetValue(python), CommonOptions.Read(parsed).Compute,
                parsed.GetValue(batches)?.Split(',').Select(b => int.Parse(b, System.Globalization.CultureInfo.InvariantCulture)).ToArray(),
                parsed.GetValue(models)?.Split(','), parsed.GetValue(tokens), parsed.GetValue(rounds), parsed.GetValue(plain));
            return Print(parsed, await bench.RunAsync(Report(parsed), cancellationToken));
        });
        return command;
    }

    private static Command Index()
    {
        var data = DataOption();
        var command = new Command("index", "The index with its database: loading, write-ahead log, queries beside a writer.") { data };
        command.SetAction(async (parsed, cancellationToken) =>
            Print(parsed, await new IndexBench(parsed.GetValue(data)!).RunAsync(Report(parsed), cancellationToken)));
        return command;
    }

    private static Command Languages()
    {
        var data = new Option<string>("--zip")
        {
            Description = "A zip with langid_test/{sentences,word-pairs,single-words}/LANGUAGE.txt.", Required = true,
        };
        var captions = new Option<string?>("--captions") { Description = "The captions that eng/languages/gather.py wrote." };
        var tables = new Option<string?>("--write") { Description = "Put the tables between the marks in this Markdown file." };
        var command = new Command("languages", "Telling the language of short texts, against CLD2 alone.") { data, captions, tables };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var bench = new LanguageBench(parsed.GetValue(data)!, parsed.GetValue(captions), parsed.GetValue(tables));
            return Print(parsed, await bench.RunAsync(Report(parsed), cancellationToken));
        });
        return command;
    }

    private static Command Curate()
    {
        var pairs = new Option<long>("--pairs") { Description = "Made-up pairs.", DefaultValueFactory = _ => 1_000_000 };
        var python = new Option<string>("--python") { Description = "A Python that has pandas: the peer.", DefaultValueFactory = _ => "/usr/bin/python3" };
        var alone = new Option<bool>("--alone") { Description = "Without the peer: for memory and large sets." };
        var rounds = new Option<int>("--rounds") { Description = "Rounds of ours and the peer's in turn; medians count.", DefaultValueFactory = _ => 3 };
        var command = new Command("curate", "Import and text filters against pandas with the same CLD2.") { pairs, python, alone, rounds };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var bench = new CurateBench(
                parsed.GetValue(pairs), parsed.GetValue(alone) ? null : parsed.GetValue(python), parsed.GetValue(rounds));
            return Print(parsed, await bench.RunAsync(Report(parsed), cancellationToken));
        });
        return command;
    }

    private static Option<string> DataOption() => new("--data")
    {
        Description = "A folder with base.fbin, query.fbin, gt.ibin and attr.i32bin (the big-ann-benchmarks formats).", Required = true,
    };

    private static Command Crash()
    {
        var rounds = new Option<int>("--rounds") { Description = "Kills.", DefaultValueFactory = _ => 200 };
        var seed = new Option<int>("--seed") { Description = "Of the moments and the changes.", DefaultValueFactory = _ => 1 };
        var command = new Command("crash", "Kills a writing process again and again: nothing acknowledged may be lost or doubled.") { rounds, seed };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string[] writer = [Environment.ProcessPath!, typeof(BenchCommand).Assembly.Location, "bench", CrashWriterName];
            var bench = new CrashBench(parsed.GetValue(rounds), parsed.GetValue(seed));
            return Print(parsed, await bench.RunAsync(writer, Report(parsed), cancellationToken));
        });
        return command;
    }

    private static Command Serve()
    {
        var server = new Argument<string>("address") { Description = "A server that runs, such as http://127.0.0.1:8080." };
        var key = new Option<string?>("--key") { Description = "An API key, where the server asks for one." };
        var clients = new Option<int>("--clients") { Description = "Requests under way at once.", DefaultValueFactory = _ => 1_000 };
        var seconds = new Option<int>("--seconds") { Description = "How long.", DefaultValueFactory = _ => 60 };
        var command = new Command("serve", "Many clients at once against a server: errors, times and the server's memory.") { server, key, clients, seconds };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var bench = new ServeBench(
                new Uri(parsed.GetValue(server)!), parsed.GetValue(key), parsed.GetValue(clients), TimeSpan.FromSeconds(parsed.GetValue(seconds)));
            return Print(parsed, await bench.RunAsync(Report(parsed), cancellationToken));
        });
        return command;
    }

    private static Command CrashWriter()
    {
        var connection = new Argument<string>("connection");
        var seed = new Argument<int>("seed");
        var command = new Command(CrashWriterName, "The process that bench crash kills.") { connection, seed };
        command.Hidden = true;
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await CrashBench.WriteAsync(parsed.GetValue(connection)!, parsed.GetValue(seed), Console.Out, cancellationToken);
            return 0;
        });
        return command;
    }

    private static TextWriter Report(ParseResult parsed) => CommonOptions.Read(parsed).Json ? TextWriter.Null : Console.Out;

    private static int Print(ParseResult parsed, IEnumerable<KeyValuePair<string, double>> figures)
    {
        if (CommonOptions.Read(parsed).Json)
        {
            Output.Json(figures.ToDictionary());
        }
        else
        {
            foreach (var (name, value) in figures)
            {
                Console.Out.WriteLine(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{name} {value:G5}"));
            }
        }

        return 0;
    }
}
