using System.Text.Encodings.Web;
using System.Text.Json;

namespace Sightline.Curation.Export;

/// <summary>The manifest as a file.</summary>
internal static class ManifestFile
{
    internal const string Name = "manifest.json";

    internal const int Version = 1;

    internal static JsonSerializerOptions Options { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>A request as it stands in a manifest: the same wherever the export lies, and however its splits were ordered.</summary>
    internal static ExportRequest Placeless(ExportRequest request) => request with
    {
        Folder = ".", Splits = new SortedDictionary<string, double>(request.Splits.ToDictionary(), StringComparer.Ordinal),
    };

    internal static void Write(string folder, ExportManifest manifest) =>
        AtomicFile.WriteText(Path.Combine(folder, Name), JsonSerializer.Serialize(manifest, Options) + "\n");

    /// <summary>Null where there is none.</summary>
    /// <exception cref="ExportException">It is none that this version reads; says why.</exception>
    internal static ExportManifest? Read(string folder)
    {
        var path = Path.Combine(folder, Name);
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            using var file = File.OpenRead(path);
            var manifest = JsonSerializer.Deserialize<ExportManifest>(file, Options)!;
            return manifest.Version == Version
                ? manifest
                : throw new ExportException($"{path} is of version {manifest.Version}; this program reads version {Version}.");
        }
        catch (JsonException e)
        {
            throw new ExportException($"{path} is no manifest of an export: {e.Message}", e);
        }
    }
}
