using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sightline.Curation;

/// <summary>Checks what a recipe gives a filter against the filter's parameters.</summary>
internal static class FilterSettings
{
    private const string Least = "min_";
    private const string Most = "max_";

    /// <summary>What is given, and the defaults of the rest.</summary>
    /// <exception cref="RecipeException">A setting is unknown, of another kind, or out of range; names it.</exception>
    internal static Dictionary<string, JsonElement> Read(FilterDefinition definition, JsonObject given)
    {
        var settings = definition.Parameters.Where(p => p.Default is not null)
            .ToDictionary(p => p.Name, p => JsonDocument.Parse(p.Default!).RootElement.Clone());
        foreach (var (name, value) in Given(definition, given))
        {
            settings[name] = value;
        }

        SwitchOff(settings, given);
        return settings;
    }

    /// <summary>A null takes away a default, or what was given before.</summary>
    internal static void SwitchOff(Dictionary<string, JsonElement> settings, JsonObject given)
    {
        foreach (var (name, _) in given.Where(g => g.Value is null))
        {
            settings.Remove(name);
        }
    }

    /// <summary>A least value (<c>min_words</c>) is not above the most of the same thing (<c>max_words</c>).</summary>
    /// <exception cref="RecipeException">It is; names both.</exception>
    internal static void CheckRanges(FilterDefinition definition, IReadOnlyDictionary<string, JsonElement> settings)
    {
        foreach (var (name, least) in settings)
        {
            if (name.StartsWith(Least, StringComparison.Ordinal) && settings.TryGetValue(Most + name[Least.Length..], out var most)
                && least.ValueKind == JsonValueKind.Number && most.ValueKind == JsonValueKind.Number && least.GetDouble() > most.GetDouble())
            {
                throw new RecipeException(
                    $"{definition.Name}: {name} is {least.GetRawText()}, above {Most}{name[Least.Length..]}, which is {most.GetRawText()}: nothing could pass.");
            }
        }
    }

    /// <summary>What is given.</summary>
    /// <inheritdoc cref="Read"/>
    internal static IEnumerable<KeyValuePair<string, JsonElement>> Given(FilterDefinition definition, JsonObject given)
    {
        foreach (var (name, value) in given)
        {
            var parameter = definition.Parameters.FirstOrDefault(p => p.Name == name) ?? throw new RecipeException(
                $"{definition.Name} has no setting {name}{RecipeReader.Suggest(name, definition.Parameters.Select(p => p.Name))}");
            if (value is not null)
            {
                yield return new(name, Check(definition.Name, parameter, value));
            }
        }
    }

    private static JsonElement Check(string filter, FilterParameter parameter, JsonNode value)
    {
        var element = JsonSerializer.SerializeToElement(value);
        var isRight = parameter.Kind switch
        {
            ParameterKind.Integer => element.ValueKind == JsonValueKind.Number && element.TryGetInt64(out var whole) && IsInRange(parameter, whole),
            ParameterKind.Number or ParameterKind.Share => element.ValueKind == JsonValueKind.Number && IsInRange(parameter, element.GetDouble()),
            ParameterKind.Boolean => element.ValueKind is JsonValueKind.True or JsonValueKind.False,
            ParameterKind.Text => element.ValueKind == JsonValueKind.String && IsChoice(parameter, element),
            _ => element.ValueKind == JsonValueKind.Array && element.EnumerateArray().All(e => e.ValueKind == JsonValueKind.String && IsChoice(parameter, e)),
        };
        return isRight ? element : throw new RecipeException($"{filter}: {parameter.Name} is {Describe(parameter)}, not {element.GetRawText()}.");
    }

    private static bool IsInRange(FilterParameter parameter, double value) => !(value < parameter.Min) && !(value > parameter.Max);

    private static bool IsChoice(FilterParameter parameter, JsonElement value) => parameter.Choices?.Contains(value.GetString()!) ?? true;

    private static string Describe(FilterParameter parameter)
    {
        var what = parameter.Kind switch
        {
            ParameterKind.Integer => "a whole number",
            ParameterKind.Number or ParameterKind.Share => "a number",
            ParameterKind.Boolean => "true or false",
            ParameterKind.Text => "a text",
            _ => "a list of texts",
        };
        return (parameter.Min, parameter.Max, parameter.Choices) switch
        {
            (_, _, { } choices) => $"{what} of {string.Join(", ", choices)}",
            ({ } min, { } max, _) => string.Create(CultureInfo.InvariantCulture, $"{what} from {min} to {max}"),
            _ => what,
        };
    }
}
