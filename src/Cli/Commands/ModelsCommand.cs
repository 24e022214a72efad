using System.CommandLine;
using System.Globalization;
using Sightline.Models;
using Sightline.Models.Clip;
using Sightline.Search;

namespace Sightline.Cli.Commands;

/// <summary><c>models list|pull|add|verify|remove</c>.</summary>
internal static class ModelsCommand
{
    internal static Command Create() =>
        new("models", "The models on this machine.") { List(), Pull(), Add(), Verify(), Remove() };

    private static Command List()
    {
        var command = new Command("list", "List the models.");
        command.SetAction(parsed =>
        {
            var options = CommonOptions.Read(parsed);
            var models = options.Models.List();
            if (options.Json)
            {
                Output.Json(models);
            }
            else
            {
                Output.Table(["Model", "Size", "", "Languages", "Quality", "Folder"], models.Select(m => new[]
                {
                    m.Name, string.Create(CultureInfo.InvariantCulture, $"{m.Bytes / 1e6:F0} MB"),
                    m.Bundled ? "bundled" : "yours", string.Join(' ', m.Card?.Languages ?? []), Quality(m.Card), m.Folder,
                }));
            }

            return 0;
        });
        return command;
    }

    // Such as: text to image, R@10 among 1,000 photos: en 20.2 %, de 18.6 %
    private static string Quality(ModelCard? card) => string.Join("; ", (card?.Quality ?? []).Select(q =>
        $"{q.Measure}: {string.Join(", ", q.Values.Select(v => string.Create(CultureInfo.InvariantCulture, $"{v.Key} {v.Value:P1}")))}"));

    private static Command Pull()
    {
        var repository = new Argument<string>("repository") { Description = "Such as openai/clip-vit-base-patch32." };
        var from = new Option<Uri>("--from") { Description = "The site.", DefaultValueFactory = _ => new Uri("https://huggingface.co/") };
        var command = new Command("pull", "Fetch a model from huggingface.co; a broken download goes on where it was.")
        {
            repository, from,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = CommonOptions.Read(parsed);
            using var http = new HttpClient { BaseAddress = parsed.GetValue(from), Timeout = Timeout.InfiniteTimeSpan };
            var last = "";
            var progress = new Progress<PullProgress>(p =>
            {
                var line = string.Create(CultureInfo.InvariantCulture, $"{p.File}: {p.Done / 1e6:F0} of {p.Total / 1e6:F0} MB");
                if (line != last && !options.Json)
                {
                    Console.Error.Write($"\r{last = line}   ");
                }
            });
            var pull = new ModelPull(options.Models, Path.Combine(options.Data.Root, "pulling"), http);
            var model = await pull.RunAsync(parsed.GetValue(repository)!, progress, cancellationToken);
            Show(model, options.Json, "is here");
            return 0;
        });
        return command;
    }

    private static Command Add()
    {
        var source = new Argument<string>("path") { Description = "A model folder or a checkpoint file." };
        var name = new Option<string?>("--name") { Description = "What to call it." };
        var command = new Command("add", "Copy a model into the data folder, once it has been loaded.") { source, name };
        command.SetAction(parsed =>
        {
            var options = CommonOptions.Read(parsed);
            Show(options.Models.Add(parsed.GetValue(source)!, parsed.GetValue(name)), options.Json, "was added");
            return 0;
        });
        return command;
    }

    private static Command Remove()
    {
        var name = new Argument<string>("name");
        var command = new Command("remove", "Delete a model of yours.") { name };
        command.SetAction(parsed =>
        {
            var options = CommonOptions.Read(parsed);
            if (Settings.Read(options.Data).Model is { } chosen && options.Models.Resolve(chosen) == options.Models.Resolve(parsed.GetValue(name)!))
            {
                throw new CommandException($"{chosen} is the model that the page has chosen: choose another there first.");
            }

            options.Models.Remove(parsed.GetValue(name)!);
            return 0;
        });
        return command;
    }

    private static Command Verify()
    {
        var model = new Argument<string>("model") { Description = "A model by name, folder or file." };
        var expected = new Option<string>("--expected")
        {
            Description = "Inputs and the outputs they should give (.safetensors).",
            Required = true,
        };
        var command = new Command("verify", "Compare a model's outputs, in fp32, with expected ones.") { model, expected };
        command.SetAction(parsed =>
        {
            var options = CommonOptions.Read(parsed);
            var path = parsed.GetValue(model)!;
            var outputs = ModelVerification.Run(Path.Exists(path) ? path : options.Models.Resolve(path), parsed.GetValue(expected)!);
            if (options.Json)
            {
                Output.Json(
                    outputs.Select(o =>
                        new { o.Name, Difference = double.IsFinite(o.Difference) ? (double?)o.Difference : null, o.Problem }));
            }
            else
            {
                foreach (var output in outputs)
                {
                    var verdict = output.Problem ?? (output.Difference <= ModelVerification.Tolerance ? "ok" : "TOO FAR");
                    Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{output.Name}\t{output.Difference:E2}\t{verdict}"));
                }
            }

            return outputs.Count > 0 && outputs.All(o => o.Difference <= ModelVerification.Tolerance) ? 0 : 1;
        });
        return command;
    }

    private static void Show(InstalledModel model, bool json, string verb)
    {
        if (json)
        {
            Output.Json(model);
        }
        else
        {
            Console.Error.WriteLine($"\n{model.Name} {verb}: sightline serve --model {model.Name}");
        }
    }
}
