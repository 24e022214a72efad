using System.CommandLine;
using Sightline.Curation;

namespace Sightline.Cli.Commands;

/// <summary><c>curate filters</c> and <c>curate presets</c>: what recipes are made of. Needs no server.</summary>
internal static class CurateRecipes
{
    internal static Command CreateFilters()
    {
        var command = new Command("filters", "Every filter that a recipe can name, with its settings.");
        command.SetAction(parsed =>
        {
            if (CommonOptions.Read(parsed).Json)
            {
                Output.Json(FilterCatalog.All.Select(Web.Api.FilterDto.From));
                return;
            }

            foreach (var filter in FilterCatalog.All)
            {
                Console.Out.WriteLine($"{filter.Name}: {filter.Summary}");
                foreach (var parameter in filter.Parameters)
                {
                    Console.Out.WriteLine($"  {parameter.Name,-22} {Describe(parameter)}");
                }
            }
        });
        return command;
    }

    internal static Command CreatePresets()
    {
        var name = new Argument<string?>("name") { Description = "Show this one's recipe.", DefaultValueFactory = _ => null };
        var command = new Command("presets", "Published recipes.") { name };
        command.SetAction(parsed =>
        {
            var presets = Presets.All.Where(p => parsed.GetValue(name) is not { } wanted || p.Name == wanted).ToList();
            if (presets.Count == 0)
            {
                throw new CommandException($"There is no preset {parsed.GetValue(name)}; there are {string.Join(", ", Presets.All.Select(p => p.Name))}.");
            }

            if (CommonOptions.Read(parsed).Json)
            {
                Output.Json(presets);
            }
            else if (parsed.GetValue(name) is not null)
            {
                Console.Out.WriteLine(presets[0].Recipe.TrimEnd());
            }
            else
            {
                Output.Table(["Preset", "What it keeps", "Source"], presets.Select(p => new[] { p.Name, p.Summary, p.Source }));
            }
        });
        return command;
    }

    private static string Describe(FilterParameter parameter) => string.Join(", ", new[]
    {
        parameter.Title, parameter.Unit, parameter.Choices is { } choices ? string.Join("|", choices) : null,
        parameter.Default is { } value ? $"default {value}" : null,
    }.Where(t => t is not null));
}
