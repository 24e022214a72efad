using System.Text.Json;
using Sightline.Curation;
using Sightline.Curation.Import;
using Sightline.Search;

namespace Sightline.Web.Api;

/// <param name="Name">1 to 200 characters, not a number.</param>
/// <param name="Path">A file, a folder or a pattern of files; absent: the search catalogue.</param>
/// <param name="Format">Told from the files where absent.</param>
/// <param name="Columns">What the source calls caption, url, image, key, width, height, similarity, sha256, where that is unusual.</param>
/// <param name="ImageFolder">What paths of images are relative to.</param>
/// <param name="KeepUncaptioned">What has no caption in the files is a pair with an empty one; of the catalogue, Filter says it (captioned).</param>
/// <param name="Filter">Which images of the catalogue, as in a search.</param>
/// <param name="Measure">How far the images are looked at: none, pixels (the default) or clip.</param>
public sealed record DatasetRequest(
    string Name, string? Path = null, string? Format = null, IReadOnlyDictionary<PairColumn, string>? Columns = null, string? ImageFolder = null,
    bool KeepUncaptioned = false, JsonElement? Filter = null, MeasureLevel Measure = MeasureLevel.Pixels)
{
    /// <summary>As <see cref="DatasetDto.Source"/> names it.</summary>
    public string ToSourceText() => ToSource().ToString();

    internal DatasetSource ToSource() => new()
    {
        Files = Path is null ? null : new PairSourceRequest(Path)
        {
            Format = Format,
            Columns = Columns ?? new Dictionary<PairColumn, string>(),
            ImageFolder = ImageFolder,
            KeepUncaptioned = KeepUncaptioned,
        },
        Filter = Filter is { ValueKind: not JsonValueKind.Null } ? Filter : null,
        Measure = Measure,
    };
}

/// <param name="Source">A path, or: the catalogue.</param>
/// <param name="ImportedAt">Absent until all pairs are there.</param>
/// <param name="Faults">What stood where a pair should, by reason.</param>
/// <param name="Job">That works on it, or was the last to.</param>
/// <param name="Statistics">Absent in lists, and until they are counted.</param>
public sealed record DatasetDto(
    long Id, string Name, string Source, DateTimeOffset CreatedAt, DateTimeOffset? ImportedAt, long Pairs,
    IReadOnlyDictionary<string, long> Faults, JobDto? Job, DatasetStatistics? Statistics)
{
    internal static DatasetDto From(Dataset dataset, Job? job, bool withStatistics) => new(
        dataset.Id.Value, dataset.Name, DatasetSource.Parse(dataset.Source).ToString(), dataset.CreatedAt, dataset.ImportedAt, dataset.Pairs,
        dataset.Faults, job is null ? null : JobDto.From(job), withStatistics ? dataset.Statistics : null);
}

/// <param name="Row">Its number in the dataset.</param>
/// <param name="HasImage">Its bytes can be asked for.</param>
/// <param name="Width">Pixels; absent where it is not known.</param>
/// <param name="Similarity">Cosine of image and caption; absent where it is not known.</param>
/// <param name="Marks">What else than a description the caption holds.</param>
/// <param name="Measures">Absent where the image was not looked at.</param>
/// <param name="Reason">Why the run dropped it; absent where it is kept, or no run was named.</param>
/// <param name="Twin">The row that is kept in its stead.</param>
/// <param name="Decision">What a person said: true keeps, false drops.</param>
public sealed record PairDto(
    long Row, string Key, string Caption, string? Url, bool HasImage, int? Width, int? Height, double? Similarity, int Characters, int Words,
    string Language, double LanguageConfidence, IReadOnlyList<string> Marks, PairMeasuresDto? Measures, JsonElement? Extra, string? Reason,
    long? Twin, bool? Decision)
{
    internal static PairDto From(PairRecord pair, string? reason, long? twin, bool? decision) => new(
        pair.Row, pair.Key, pair.Caption, pair.Url.Length > 0 ? pair.Url : null, pair.Image.Length > 0, Size(pair.Width), Size(pair.Height),
        float.IsNaN(pair.Similarity) ? null : Math.Round(pair.Similarity, 4), pair.Facts.Characters, pair.Facts.Words,
        pair.Facts.Language.ToString(), Math.Round((double)pair.Facts.LanguageConfidence, 3),
        [.. Enum.GetValues<CaptionMarks>().Where(m => m != CaptionMarks.None && pair.Facts.Marks.HasFlag(m)).Select(m => JsonNamingPolicy.CamelCase.ConvertName(m.ToString()))],
        PairMeasuresDto.From(pair.Measures), pair.Extra.Length > 0 ? JsonElement.Parse(pair.Extra) : null, reason, twin, decision);

    private static int? Size(int pixels) => pixels > 0 ? pixels : null;
}

/// <param name="Unreadable">The image could not be read or decoded.</param>
/// <param name="Sharpness">See <see cref="ImageMeasures.Sharpness"/>; this and what follows is absent where the pixels were not read.</param>
/// <param name="TextLikeness">Absent where no model looked.</param>
public sealed record PairMeasuresDto(
    bool Unreadable, double? Sharpness, double? Brightness, double? Contrast, double? Entropy, double? TextLikeness)
{
    internal static PairMeasuresDto? From(ImageMeasures image)
    {
        var hasPixels = image.Has(ImageMeasured.Pixels);
        return image.Known == ImageMeasured.None ? null : new PairMeasuresDto(
            image.Has(ImageMeasured.Fault), hasPixels ? image.Sharpness : null, hasPixels ? image.Brightness : null,
            hasPixels ? image.Contrast : null, hasPixels ? image.Entropy : null,
            image.Has(ImageMeasured.TextLikeness) ? image.TextLikeness : null);
    }
}

/// <param name="Next">Where the next page begins: give it as from; absent on the last.</param>
public sealed record PairsResponse(IReadOnlyList<PairDto> Pairs, long? Next);

/// <param name="Rows">Numbers of pairs.</param>
/// <param name="Keep">true keeps and false drops them whatever recipes say; null or absent leaves it to the recipes again.</param>
public sealed record DecisionRequest(IReadOnlyList<long> Rows, bool? Keep = null);

/// <param name="Changed">Decisions that were not so before.</param>
public sealed record DecisionResponse(int Changed);

/// <param name="Recipe">YAML or JSON.</param>
/// <param name="Samples">Pairs of each reason that are shown; 0 to 24, default 0.</param>
/// <param name="Folder">That relative paths in the recipe start from; only from this machine's command line.</param>
/// <param name="Groups">Filters that look at all pairs together too, where the dataset is small enough to be looked at whole: false answers at
/// once.</param>
public sealed record PreviewRequest(string Recipe, int Samples = 0, string? Folder = null, bool Groups = true);

/// <param name="Total">Pairs of the dataset.</param>
/// <param name="Report">Counts over the pairs looked at, which are all of a small dataset and every n-th of a large one.</param>
/// <param name="NotCounted">Filters that look at all pairs together and were left out: a run counts them.</param>
/// <param name="Resolved">The recipe with every setting spelt out.</param>
/// <param name="Samples">By the number of the reason, and 0 for what is kept.</param>
public sealed record PreviewResponse(
    long Total, RunReport Report, IReadOnlyList<string> NotCounted, JsonElement Resolved, IReadOnlyDictionary<int, IReadOnlyList<PairDto>> Samples);

/// <param name="Dataset">Name or number.</param>
/// <param name="Recipe">YAML or JSON.</param>
/// <param name="Folder">That relative paths in the recipe start from; only from this machine's command line.</param>
public sealed record RunRequest(string Dataset, string Recipe, string? Folder = null);

/// <param name="Report">Absent in lists, and until the run has ended.</param>
public sealed record RunDto(
    long Id, long Dataset, string DatasetName, string Recipe, JsonElement Resolved, DateTimeOffset CreatedAt, DateTimeOffset? FinishedAt, JobDto? Job,
    long? Kept, long? Pairs, RunReport? Report, DecisionsDto? Decisions)
{
    internal static RunDto From(Run run, string dataset, Job? job, DecisionsDto? decisions, bool withReport) => new(
        run.Id.Value, run.Dataset.Value, dataset, run.Recipe, JsonElement.Parse(run.ResolvedRecipe), run.CreatedAt, run.FinishedAt,
        job is null ? null : JobDto.From(job), run.Report?.Kept, run.Report?.Pairs, withReport ? run.Report : null, decisions);
}

/// <summary>What people said of the dataset's pairs.</summary>
public sealed record DecisionsDto(long Kept, long Dropped);

/// <summary>A filter that recipes can name.</summary>
public sealed record FilterDto(string Name, string Title, string Summary, IReadOnlyList<FilterParameterDto> Parameters)
{
    public static FilterDto From(FilterDefinition filter) =>
        new(filter.Name, filter.Title, filter.Summary, [.. filter.Parameters.Select(FilterParameterDto.From)]);
}

/// <param name="Field">The histogram that it cuts.</param>
/// <param name="Choices">The texts that are allowed; absent: any.</param>
public sealed record FilterParameterDto(
    string Name, string Title, ParameterKind Kind, JsonElement? Default, double? Min, double? Max, string? Unit, PairField? Field,
    IReadOnlyList<string>? Choices)
{
    internal static FilterParameterDto From(FilterParameter parameter) => new(
        parameter.Name, parameter.Title, parameter.Kind, parameter.Default is { } json ? JsonElement.Parse(json) : null, parameter.Min,
        parameter.Max, parameter.Unit, parameter.Field, parameter.Choices);
}

/// <param name="Recipe">As it was written.</param>
public sealed record RecipeDto(string Name, string Recipe, DateTimeOffset SavedAt);

/// <param name="Recipe">YAML or JSON.</param>
public sealed record RecipeRequest(string Recipe);
