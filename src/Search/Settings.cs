using System.Text.Json;

namespace Sightline.Search;

/// <summary>What the page has set for the next start; options of the command line go before it.</summary>
/// <param name="Model">The model to serve, by name; null: the bundled one.</param>
public sealed record Settings(string? Model)
{
    private static readonly JsonSerializerOptions Indented = new(JsonSerializerOptions.Web) { WriteIndented = true };

    /// <exception cref="DataFolderException">The file cannot be read.</exception>
    public static Settings Read(DataFolder data)
    {
        if (!File.Exists(data.Settings))
        {
            return new Settings((string?)null);
        }

        try
        {
            return JsonSerializer.Deserialize<Settings>(File.ReadAllBytes(data.Settings), Indented)!;
        }
        catch (JsonException e)
        {
            throw new DataFolderException($"{data.Settings} cannot be read: {e.Message} Mend it, or remove it to begin anew.", e);
        }
    }

    /// <summary>Whole or not at all.</summary>
    public void Save(DataFolder data)
    {
        var unfinished = data.Settings + ".unfinished";
        File.WriteAllBytes(unfinished, JsonSerializer.SerializeToUtf8Bytes(this, Indented));
        File.Move(unfinished, data.Settings, overwrite: true);
    }
}
