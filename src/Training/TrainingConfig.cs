using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sightline.Curation;

namespace Sightline.Training;

/// <summary>A configuration file of a training: YAML, or JSON, which is YAML too.</summary>
internal sealed class TrainingConfig
{
    // How long and how closely watched a training is, not what it computes: a resumed one may have others of these.
    private static readonly string[] Bookkeeping =
        ["steps", "epochs", "validate_every", "checkpoint_every", "keep", "log_every", "samples_every"];

    private TrainingConfig(string text, string folder, JsonObject values)
    {
        Text = text;
        Folder = folder;
        Root = new ConfigSection("", values);
        Digest = DigestOf(values);
    }

    /// <summary>As it was given.</summary>
    internal string Text { get; }

    /// <summary>Where the file is: relative paths in it start there.</summary>
    internal string Folder { get; }

    internal ConfigSection Root { get; }

    /// <summary>SHA-256 of what decides what each step computes, whatever the order of keys and the comments; lower-case
    /// hexadecimal.</summary>
    internal string Digest { get; }

    /// <exception cref="TrainingConfigException">It cannot be read as a mapping; names the line and the cause.</exception>
    internal static TrainingConfig Read(string path)
    {
        if (!File.Exists(path))
        {
            throw new TrainingConfigException($"There is no configuration {path}.");
        }

        return Parse(File.ReadAllText(path), Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    /// <inheritdoc cref="Read"/>
    internal static TrainingConfig Parse(string text, string folder) =>
        Yaml.Parse(text, "configuration", (problem, inner) => new TrainingConfigException(problem, inner)) is JsonObject values
            ? new TrainingConfig(text, folder, values)
            : throw new TrainingConfigException("A configuration is a mapping, such as: steps: 1000");

    private static string DigestOf(JsonObject values)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            Write(writer, new JsonObject(values.Where(v => !Bookkeeping.Contains(v.Key)).Select(v => KeyValuePair.Create(v.Key, v.Value?.DeepClone()))));
        }

        return Convert.ToHexStringLower(SHA256.HashData(buffer.ToArray()));
    }

    private static void Write(Utf8JsonWriter writer, JsonNode? node)
    {
        switch (node)
        {
            case JsonObject mapping:
                writer.WriteStartObject();
                foreach (var (key, value) in mapping.OrderBy(p => p.Key, StringComparer.Ordinal))
                {
                    writer.WritePropertyName(Encoding.UTF8.GetBytes(key));
                    Write(writer, value);
                }

                writer.WriteEndObject();
                break;
            case JsonArray list:
                writer.WriteStartArray();
                foreach (var item in list)
                {
                    Write(writer, item);
                }

                writer.WriteEndArray();
                break;
            case null:
                writer.WriteNullValue();
                break;
            default:
                node.WriteTo(writer);
                break;
        }
    }
}
