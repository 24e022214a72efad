using System.Text.Json;
using Spectre.Console;
using Sightline.Web.Api;

namespace Sightline.Cli;

/// <summary>How commands print.</summary>
internal static class Output
{
    private static readonly JsonSerializerOptions Indented = new(ApiJson.Options) { WriteIndented = true };

    internal static void Json(object value) => Console.Out.WriteLine(JsonSerializer.Serialize(value, Indented));

    /// <exception cref="CommandException">It is no JSON; names the option.</exception>
    internal static JsonElement ParseJson(string text, string option)
    {
        try
        {
            return JsonElement.Parse(text);
        }
        catch (JsonException e)
        {
            throw new CommandException($"{option} is no JSON: {e.Message}");
        }
    }

    internal static void Table(string[] headings, IEnumerable<string[]> rows)
    {
        var table = new Table().Border(TableBorder.Simple);
        foreach (var heading in headings)
        {
            table.AddColumn(new TableColumn(Markup.Escape(heading)));
        }

        foreach (var row in rows)
        {
            table.AddRow([.. row.Select(cell => new Text(cell))]);
        }

        AnsiConsole.Write(table);
    }

    internal static void Hits(SearchResponse response, bool json)
    {
        if (json)
        {
            Json(response);
            return;
        }

        foreach (var hit in response.Hits)
        {
            Console.Out.WriteLine(
                string.Create(System.Globalization.CultureInfo.InvariantCulture,
                    $"{hit.Score:F4}  {hit.Id,8}  {Path.Combine(hit.Folder, hit.Path)}"));
        }

        if (response.Hits.Count == 0)
        {
            Console.Error.WriteLine("Nothing is indexed yet: sightline index FOLDER");
        }
    }
}
