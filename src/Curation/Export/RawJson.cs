using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sightline.Curation.Export;

/// <summary>Keeps JSON as it was written, white space and all.</summary>
internal sealed class RawJson : JsonConverter<JsonElement>
{
    public override JsonElement Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        JsonElement.ParseValue(ref reader);

    public override void Write(Utf8JsonWriter writer, JsonElement value, JsonSerializerOptions options) =>
        writer.WriteRawValue(value.GetRawText());
}
