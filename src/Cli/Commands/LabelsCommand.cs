using System.CommandLine;
using System.Text.Json;
using Sightline.Cli.Host;
using Sightline.Web.Api;

namespace Sightline.Cli.Commands;

/// <summary><c>labels list|import|export|remove</c>: the label sets that pictures are tagged by.</summary>
internal static class LabelsCommand
{
    internal static Command Create()
    {
        var command = new Command("labels", "Label sets to tag pictures by.");
        command.Subcommands.Add(List());
        command.Subcommands.Add(Import());
        command.Subcommands.Add(Export());
        command.Subcommands.Add(Remove());
        return command;
    }

    private static Command List()
    {
        var command = new Command("list", "Sets and the number of their labels.");
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = CommonOptions.Read(parsed);
            await using var session = await Session.OpenAsync(options, cancellationToken);
            var sets = await session.GetAsync<List<LabelSetDto>>("/api/labels", cancellationToken);
            if (options.Json)
            {
                Output.Json(sets);
            }
            else
            {
                Output.Table(["Set", "Labels"], sets.Select(s => new[] { s.Name, string.Join(", ", s.Labels.Select(l => l.Name)) }));
            }

            return 0;
        });
        return command;
    }

    private static Command Import()
    {
        var name = new Argument<string>("name") { Description = "The set's name." };
        var file = new Argument<FileInfo>("file") { Description = "A text file: one label a line, or label: prompt | prompt; or JSON as export prints it." };
        var template = new Option<string[]>("--template") { Description = "A sentence with {} for the prompt; may be given again. CLIP's best where absent." };
        var command = new Command("import", "Save a set from a file; one of the same name is replaced.") { name, file, template };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var session = await Session.OpenAsync(CommonOptions.Read(parsed), cancellationToken);
            var text = await File.ReadAllTextAsync(parsed.GetValue(file)!.FullName, cancellationToken);
            var templates = parsed.GetValue(template) is { Length: > 0 } given ? given : null;
            var request = text.TrimStart().StartsWith('{') ? Read(text) : new LabelSetRequest(text, null, null);
            await session.PutAsync(PathOf(parsed.GetValue(name)!), request with { Templates = templates ?? request.Templates }, cancellationToken);
            return 0;
        });
        return command;
    }

    private static Command Export()
    {
        var name = new Argument<string>("name") { Description = "The set's name." };
        var command = new Command("export", "Print a set as JSON, whole, in the form that import reads.") { name };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var session = await Session.OpenAsync(CommonOptions.Read(parsed), cancellationToken);
            Output.Json(await session.GetAsync<LabelSetDto>(PathOf(parsed.GetValue(name)!), cancellationToken));
            return 0;
        });
        return command;
    }

    private static Command Remove()
    {
        var name = new Argument<string>("name") { Description = "The set's name." };
        var command = new Command("remove", "Forget a set and its suggestions; tags that people have accepted stay.") { name };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var session = await Session.OpenAsync(CommonOptions.Read(parsed), cancellationToken);
            await session.DeleteAsync(PathOf(parsed.GetValue(name)!), cancellationToken);
            return 0;
        });
        return command;
    }

    private static LabelSetRequest Read(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<LabelSetRequest>(json, ApiJson.Options)! with { Text = null };
        }
        catch (JsonException e)
        {
            throw new CommandException($"The file is no label set in JSON: {e.Message}");
        }
    }

    private static string PathOf(string name) => $"/api/labels/{Uri.EscapeDataString(name)}";
}
