using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Sightline.Training.Data;

/// <summary>
/// Packs all sources of a configuration into a folder that can be moved to another machine, where a training needs neither the sources nor
/// libvips: <c>data-0</c>, <c>data-1</c>, ..., <c>validation-0</c>, ..., and <c>sources.yaml</c>, which names them as a configuration does.
/// </summary>
public static class DataPacking
{
    private static readonly string[] Lists = ["data", "validation"];

    /// <param name="config">YAML or JSON; its other sections are not looked at.</param>
    /// <param name="output">Is made; what is there already of the same sources is left, and what is of others is replaced.</param>
    /// <param name="input">Side of the model's input, pixels; null: <c>pack.input</c> says it.</param>
    /// <exception cref="TrainingConfigException">The configuration says something that cannot be.</exception>
    /// <exception cref="TrainingDataException">A source cannot be read.</exception>
    /// <exception cref="IOException">A file cannot be read or written.</exception>
    public static IReadOnlyList<PackReport> Run(
        string config, string output, int? input, Action<PackProgress> progress, TimeProvider time, CancellationToken cancellationToken)
    {
        var root = new ConfigSection("", Parse(config));
        var pack = root.Section("pack");
        var folder = Path.GetDirectoryName(Path.GetFullPath(config))!;
        var sources = Lists.ToDictionary(key => key, key => TrainingSet.Read(root, key, folder));
        var options = Lists.ToDictionary(key => key, key => PackOptions.Read(pack, input, isTraining: key == "data"));
        pack.RequireAllRead();
        if (sources.Values.All(s => s.Count == 0))
        {
            throw root.Wrong("data", "is needed: a list of sources");
        }

        var reports = new List<PackReport>();
        var listing = new StringBuilder();
        foreach (var key in Lists.Where(k => sources[k].Count > 0))
        {
            listing.Append(CultureInfo.InvariantCulture, $"{key}:\n");
            for (var i = 0; i < sources[key].Count; i++)
            {
                var name = string.Create(CultureInfo.InvariantCulture, $"{key}-{i}");
                reports.Add(Pack(sources[key][i], options[key], Path.Combine(output, name), progress, time, cancellationToken));
                listing.Append(CultureInfo.InvariantCulture, $"  - packed: {name}\n");
                if (sources[key][i].Weight is { } weight)
                {
                    listing.Append(CultureInfo.InvariantCulture, $"    weight: {weight:R}\n");
                }
            }
        }

        File.WriteAllText(Path.Combine(output, "sources.yaml"), listing.ToString());
        return reports;
    }

    private static PackReport Pack(
        SourceConfig config, PackOptions options, string folder, Action<PackProgress> progress, TimeProvider time,
        CancellationToken cancellationToken)
    {
        if (config.Packed is not null)
        {
            throw new TrainingDataException($"{config.Place}: {config.Packed} is packed already.");
        }

        using var source = PictureSource.Open(config, cancellationToken);
        var key = source.KeyOf(options);
        var keyFile = Path.Combine(folder, "key");
        if (File.Exists(keyFile) && File.ReadAllText(keyFile) == key && IsSound(folder, cancellationToken))
        {
            return PicturePacker.ReadReport(folder);
        }

        var report = new PicturePacker(source, options, progress, time).Pack(folder, key, cancellationToken);
        File.WriteAllText(keyFile, key);
        return report;
    }

    private static bool IsSound(string folder, CancellationToken cancellationToken)
    {
        try
        {
            PackedPictures.Open(folder, cancellationToken).Dispose();
            return true;
        }
        catch (Exception e) when (e is InvalidDataException or FileNotFoundException)
        {
            // Packed again.
            return false;
        }
    }

    private static JsonObject Parse(string path)
    {
        try
        {
            using var reader = new StringReader(File.ReadAllText(path));
            var yaml = new YamlStream();
            yaml.Load(reader);
            return yaml.Documents.Count == 1 && ToJson(yaml.Documents[0].RootNode) is JsonObject root
                ? root : throw new TrainingConfigException($"{path} is no mapping, such as data: [{{path: pictures}}].");
        }
        catch (InvalidOperationException)
        {
            // The scanner's own, for a brace that is not closed.
            throw new TrainingConfigException($"{path} is neither YAML nor JSON: a bracket, a brace or a quotation mark is not closed.");
        }
        catch (YamlException e)
        {
            throw new TrainingConfigException(
                $"{path} is neither YAML nor JSON: line {e.Start.Line}, column {e.Start.Column}: {e.Message}");
        }
    }

    /// <summary>Plain scalars are numbers and truth values where they look like them; quoted ones are texts.</summary>
    private static JsonNode? ToJson(YamlNode node) => node switch
    {
        YamlMappingNode mapping => new JsonObject(mapping.Select(p => KeyValuePair.Create(p.Key.ToString(), ToJson(p.Value)))),
        YamlSequenceNode sequence => new JsonArray([.. sequence.Select(ToJson)]),
        YamlScalarNode { Style: ScalarStyle.Plain, Value: "" or "~" or "null" } => null,
        YamlScalarNode { Style: ScalarStyle.Plain, Value: "true" or "false" } scalar => JsonValue.Create(scalar.Value == "true"),
        YamlScalarNode { Style: ScalarStyle.Plain } scalar
            when double.TryParse(scalar.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
                && double.IsFinite(number) => JsonValue.Create(number),
        YamlScalarNode scalar => JsonValue.Create(scalar.Value),
        _ => throw new TrainingConfigException($"{node} is nothing that a configuration has."),
    };
}
