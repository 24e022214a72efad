using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sightline.Training.Runs;

/// <summary>How the files of a run are written.</summary>
internal static class TrainingJson
{
    /// <summary>One line. A figure that is no number is written as the text NaN, Infinity or -Infinity.</summary>
    internal static JsonSerializerOptions Line { get; } = new(JsonSerializerDefaults.Web)
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    };

    internal static JsonSerializerOptions Indented { get; } = new(Line) { WriteIndented = true };
}
