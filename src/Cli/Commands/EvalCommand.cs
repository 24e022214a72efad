using System.CommandLine;
using Sightline.Models;
using Sightline.Models.Clip;
using Sightline.Models.Generation;
using Sightline.Models.Images;
using Sightline.Training.Evaluation;
using Sightline.Training.Probe;

namespace Sightline.Cli.Commands;

/// <summary><c>eval zeroshot|retrieval|probe|dvae|generation|unmatched</c>: measures a model on data, one JSON and one table each.</summary>
internal static class EvalCommand
{
    private static readonly Option<string?> DataOption = new("--on")
    {
        Description = "Pictures with captions or classes: a zip or folder with captions.tsv, labels.tsv or a folder for each class, or what curation imports.",
    };
    private static readonly Option<FileInfo?> ConfigOption = new("--config")
    {
        Description = "Instead of --on: YAML or JSON with data and pack, as a training's configuration has them.",
    };
    private static readonly Option<string?> SplitOption = new("--split") { Description = "Only pictures of this split of --on, such as val." };
    private static readonly Option<int?> SideOption = new("--side") { Description = "Side of the pictures in pixels; the model's where absent." };
    private static readonly Option<string?> LanguageOption = new("--language") { Description = "Only captions of this language, such as en." };
    private static readonly Option<FileInfo?> SheetOption = new("--sheet") { Description = "Write pictures to look at into this PNG file." };
    private static readonly Option<long> SeedOption = new("--seed") { Description = "Of what is drawn by chance." };

    internal static Command Create() => new("eval", "Measure models on pictures whose classes or captions are known.")
    {
        ZeroShot(), Retrieval(), Probe(), Dvae(), Generation(), Unmatched(),
    };

    private static Command ZeroShot()
    {
        var templates = new Option<string[]>("--template") { Description = "A sentence with {} for the class; may be given again. Those of tagging where absent." };
        var share = ShareOption("--share", 1, "Share of the pictures, chosen by a hash of their names: eval probe tests on the same tenth by 0.1.");
        var command = new Command("zeroshot", "Sort pictures into classes by the classes' names.") { DataOption, ConfigOption, SplitOption, SideOption, templates, share };
        command.SetAction((parsed, cancellationToken) => WithClip(parsed, Sources(parsed), async (run, embedder, data) =>
        {
            var given = parsed.GetValue(templates) is { Length: > 0 } some ? some : null;
            var report = await ZeroShotEvaluation.RunAsync(embedder, data, given, parsed.GetValue(share), run.Progress, cancellationToken);
            run.Print(report, EvalTables.Of(report));
        }, cancellationToken));
        return command;
    }

    private static Command Retrieval()
    {
        var command = new Command("retrieval", "Find pictures by their captions and captions by their pictures.") { DataOption, ConfigOption, SplitOption, SideOption };
        command.SetAction((parsed, cancellationToken) => WithClip(parsed, Sources(parsed), async (run, embedder, data) =>
        {
            var report = await RetrievalEvaluation.RunAsync(embedder, data, run.Progress, cancellationToken);
            run.Print(report, EvalTables.Of(report));
        }, cancellationToken));
        return command;
    }

    private static Command Probe()
    {
        var test = new Option<string?>("--test-on") { Description = "Pictures to test on; a share of --on where absent. A configuration's validation is that." };
        var share = ShareOption("--share", ProbeOptions.Default.Share, "Share of the pictures held out to test on, and of the rest to choose the penalty by.");
        var shots = new Option<int[]>("--shots") { Description = "Examples of each class; may be given again. 1, 2, 4, 8 and 16 where absent." };
        var draws = new Option<int>("--draws") { Description = "Draws of examples.", DefaultValueFactory = _ => ProbeOptions.Default.Draws };
        var command = new Command("probe", "Fit linear classifiers on the frozen model: with all examples, and with few.")
        {
            DataOption, ConfigOption, SplitOption, SideOption, test, share, shots, draws, SeedOption,
        };
        command.SetAction((parsed, cancellationToken) => WithClip(parsed, ProbeSources(parsed, test), async (run, embedder, data) =>
        {
            using var tested = run.OpenTest(embedder.ImageSize, cancellationToken);
            var options = new ProbeOptions(
                parsed.GetValue(share), parsed.GetValue(shots) is { Length: > 0 } some ? some : ProbeOptions.Default.Shots, parsed.GetValue(draws),
                parsed.GetValue(SeedOption));
            var report = await ProbeEvaluation.RunAsync(embedder, data, tested, options, run.Options.Compute, run.Progress, cancellationToken);
            run.Print(report, EvalTables.Of(report));
        }, cancellationToken));
        return command;
    }

    private static Command Dvae()
    {
        var command = new Command("dvae", "Turn pictures into an image generator's tokens (--model FOLDER) and back.") { DataOption, ConfigOption, SplitOption, SideOption, SheetOption };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var run = new EvalRun(parsed, Sources(parsed));
            using var model = PictureTokenizer.Load(run.GeneratorFolder, run.Options.Compute);
            using var data = run.Open(model.UsualPictureSide, cancellationToken);
            var (report, sheet) = await ReconstructionEvaluation.RunAsync(model, data, run.Progress, cancellationToken);
            await WriteSheetAsync(parsed, sheet, cancellationToken);
            run.Print(report, EvalTables.Of(report));
            return 0;
        });
        return command;
    }

    private static Command Generation()
    {
        var usual = new GenerationEvaluationOptions();
        var judge = new Option<string>("--judge") { Description = "The CLIP that judges, by name or path.", DefaultValueFactory = _ => ModelCatalog.Default };
        var reranker = new Option<string?>("--rerank") { Description = "Another CLIP, which chooses among the pictures of a caption." };
        var captions = Number("--captions", usual.Captions, "Captions drawn from the data.");
        var pictures = Number("--pictures", usual.PicturesPerCaption, "Pictures made for each caption.");
        var keep = Number("--keep", usual.Keep, "Of these, judged: the best by --rerank, or the first.");
        var choices = Number("--choices", usual.Choices, "Captions that a picture's own must stand out of.");
        var command = new Command("generation", "Judge an image generator (--model FOLDER) on captions it was not trained on.")
        {
            DataOption, ConfigOption, SplitOption, SideOption, LanguageOption, judge, reranker, captions, pictures, keep, choices, SeedOption, SheetOption,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var run = new EvalRun(parsed, Sources(parsed));
            using var judging = run.LoadClip(parsed.GetValue(judge)!);
            using var choosing = parsed.GetValue(reranker) is { } name ? run.LoadClip(name) : null;
            using var generator = ImageGenerator.Load(run.GeneratorFolder, run.Options.Compute);
            using var data = run.Open(judging.ImageSize, cancellationToken);
            var options = new GenerationEvaluationOptions(
                parsed.GetValue(captions), parsed.GetValue(pictures), parsed.GetValue(keep), parsed.GetValue(choices), parsed.GetValue(LanguageOption),
                parsed.GetValue(SeedOption));
            var (report, sheet) = await GenerationEvaluation.RunAsync(generator, choosing, judging, data, options, run.Progress, cancellationToken);
            await WriteSheetAsync(parsed, sheet, cancellationToken);
            run.Print(report, EvalTables.Of(report));
            return 0;
        });
        return command;
    }

    private static Command Unmatched()
    {
        var share = ShareOption("--share", 0.5, "Share of the pictures kept out of the collection, whose captions are the unmatched queries.");
        var command = new Command("unmatched", "Tell queries that no picture matches.") { DataOption, ConfigOption, SplitOption, SideOption, LanguageOption, share };
        command.SetAction((parsed, cancellationToken) => WithClip(parsed, Sources(parsed), async (run, embedder, data) =>
        {
            var report = await UnmatchedEvaluation.RunAsync(
                embedder, data, parsed.GetValue(share), parsed.GetValue(LanguageOption), run.Progress, cancellationToken);
            run.Print(report, EvalTables.Of(report));
        }, cancellationToken));
        return command;
    }

    private static async Task<int> WithClip(
        ParseResult parsed, EvaluationSources sources, Func<EvalRun, ClipEmbedder, EvaluationData, Task> evaluate, CancellationToken cancellationToken)
    {
        var run = new EvalRun(parsed, sources);
        using var embedder = run.LoadClip(run.Options.Model ?? ModelCatalog.Default);
        using var data = run.Open(embedder.ImageSize, cancellationToken);
        await evaluate(run, embedder, data);
        return 0;
    }

    private static EvaluationSources Sources(ParseResult parsed) => IsConfigured(parsed)
        ? EvaluationSources.OfConfig(parsed.GetValue(ConfigOption)!.FullName)
        : EvaluationSources.OfPath(parsed.GetValue(DataOption)!, parsed.GetValue(SplitOption));

    private static EvaluationSources ProbeSources(ParseResult parsed, Option<string?> test)
    {
        if (!IsConfigured(parsed))
        {
            return EvaluationSources.OfPaths(parsed.GetValue(DataOption)!, parsed.GetValue(SplitOption), parsed.GetValue(test));
        }

        return parsed.GetValue(test) is null
            ? EvaluationSources.OfProbeConfig(parsed.GetValue(ConfigOption)!.FullName)
            : throw new CommandException("--test-on goes with --on; a configuration says as validation what to test on.");
    }

    private static bool IsConfigured(ParseResult parsed)
    {
        var isConfigured = parsed.GetValue(ConfigOption) is not null;
        if (isConfigured == parsed.GetValue(DataOption) is not null)
        {
            throw new CommandException("Which pictures? Give either --on or --config.");
        }

        return !isConfigured || parsed.GetValue(SplitOption) is null
            ? isConfigured
            : throw new CommandException("--split goes with --on; in a configuration, where: {split: val} chooses rows.");
    }

    private static async Task WriteSheetAsync(ParseResult parsed, RgbImage sheet, CancellationToken cancellationToken)
    {
        if (parsed.GetValue(SheetOption) is { } file)
        {
            await File.WriteAllBytesAsync(file.FullName, ImageEncoder.EncodePng(sheet), cancellationToken);
        }
    }

    private static Option<int> Number(string name, int usual, string description) => new(name) { Description = description, DefaultValueFactory = _ => usual };

    private static Option<double> ShareOption(string name, double usual, string description) => new(name) { Description = description, DefaultValueFactory = _ => usual };

    // What all evaluations have.
    private sealed class EvalRun(ParseResult parsed, EvaluationSources sources)
    {
        internal CommonOptions Options { get; } = CommonOptions.Read(parsed);

        internal EvaluationProgressLine Progress { get; } = new(TimeProvider.System);

        internal string GeneratorFolder => Options.Models.Resolve(
            Options.Model ?? throw new CommandException("Which image generator? --model FOLDER names it."));

        internal ClipEmbedder LoadClip(string model) => ClipEmbedder.Load(Options.Models.Resolve(model), Options.Compute);

        /// <param name="usualSide">Of the pictures that the model takes.</param>
        internal EvaluationData Open(int usualSide, CancellationToken cancellationToken) =>
            Told(sources.Open(parsed.GetValue(SideOption) ?? usualSide, Options.TrainingCache, Progress, cancellationToken));

        /// <summary>Pictures of their own to test on; null where there are none.</summary>
        internal EvaluationData? OpenTest(int usualSide, CancellationToken cancellationToken) =>
            sources.OpenTest(parsed.GetValue(SideOption) ?? usualSide, Options.TrainingCache, Progress, cancellationToken) is { } test ? Told(test) : null;

        private static EvaluationData Told(EvaluationData data)
        {
            foreach (var sentence in data.LeftOut)
            {
                Console.Error.WriteLine(sentence);
            }

            return data;
        }

        internal void Print<T>(T report, EvalTable table)
            where T : notnull
        {
            if (Options.Json)
            {
                Output.Json(report);
            }
            else
            {
                Output.Table(table.Headings, table.Rows);
            }
        }
    }
}
