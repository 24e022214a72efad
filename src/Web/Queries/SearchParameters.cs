using System.ComponentModel;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Primitives;
using Sightline.Search;

namespace Sightline.Web.Queries;

/// <summary>A search as an address says it: the state of the page and the parameters of the API are the same.</summary>
public sealed record SearchParameters
{
    [Description("The search box: words, 2:dog + beach - people, #33 (an image), #33 but at night.")]
    [FromQuery(Name = "q")]
    public string? Words { get; init; }

    [Description("An image of the collection to search by.")]
    [FromQuery(Name = "like")]
    public long? Like { get; init; }

    [Description("The name of an uploaded picture to search by.")]
    [FromQuery(Name = "upload")]
    public string? Upload { get; init; }

    [Description("Like the pictures given, but: at night, or red instead of blue.")]
    [FromQuery(Name = "but")]
    public string? But { get; init; }

    [Description("Only images indexed from these folders, by number (see /api/status).")]
    [FromQuery(Name = "root")]
    public long[]? Roots { get; init; }

    [Description("Only images in or below these folders.")]
    [FromQuery(Name = "in")]
    public string[]? Folders { get; init; }

    [Description("Only images with all of these tags.")]
    [FromQuery(Name = "tag")]
    public string[]? Tags { get; init; }

    [Description("Only images taken with one of these cameras.")]
    [FromQuery(Name = "camera")]
    public string[]? Cameras { get; init; }

    [Description("Only files of one of these formats: jpeg, png, webp, ...")]
    [FromQuery(Name = "format")]
    public string[]? Formats { get; init; }

    [Description("landscape, portrait or square.")]
    [FromQuery(Name = "orientation")]
    public string? Orientation { get; init; }

    [Description("First date: 2024, 2024-05, 2024-05-31.")]
    [FromQuery(Name = "from")]
    public string? From { get; init; }

    [Description("Last date, included.")]
    [FromQuery(Name = "to")]
    public string? To { get; init; }

    [Description("Least size in millions of pixels.")]
    [FromQuery(Name = "megapixels")]
    public double? Megapixels { get; init; }

    [Description("Least score, in deviations above the collection's middle.")]
    [FromQuery(Name = "above")]
    public double? Above { get; init; }

    [Description("relevance, newest or oldest.")]
    [FromQuery(Name = "sort")]
    public string? Sort { get; init; }

    [Description("Fold hits that are nearly the same into one.")]
    [FromQuery(Name = "fold")]
    public bool? Fold { get; init; }

    [Description("Match names, captions and tags too (default true).")]
    [FromQuery(Name = "words")]
    public bool? MatchWords { get; init; }

    [Description("Any filter as JSON: {\"width\":{\"gte\":1000},\"or\":[...]}.")]
    [FromQuery(Name = "filter")]
    public string? Filter { get; init; }

    /// <summary>Something is searched for, rather than everything listed.</summary>
    public bool HasTerms => !string.IsNullOrWhiteSpace(Words) || Like is not null || Upload is not null;

    /// <summary>Reads an address; numbers that are none are left out, as a person's typing error in an address should not end a page.</summary>
    internal static SearchParameters Read(IQueryCollection query) => new()
    {
        Words = One(query["q"]),
        Like = long.TryParse(query["like"], NumberStyles.None, CultureInfo.InvariantCulture, out var like) ? like : null,
        Upload = One(query["upload"]),
        But = One(query["but"]),
        Roots = query["root"] is { Count: > 0 } roots
            ? [.. roots.Select(r => long.TryParse(r, NumberStyles.None, CultureInfo.InvariantCulture, out var root) ? root : 0)] : null,
        Folders = Many(query["in"]),
        Tags = Many(query["tag"]),
        Cameras = Many(query["camera"]),
        Formats = Many(query["format"]),
        Orientation = One(query["orientation"]),
        From = One(query["from"]),
        To = One(query["to"]),
        Megapixels = Number(query["megapixels"]),
        Above = Number(query["above"]),
        Sort = One(query["sort"]),
        Fold = bool.TryParse(query["fold"], out var fold) ? fold : null,
        MatchWords = bool.TryParse(query["words"], out var words) ? words : null,
        Filter = One(query["filter"]),
    };

    /// <summary>The same as part of an address, without a question mark; empty where nothing is asked.</summary>
    internal string ToQueryString()
    {
        var parts = new List<string>();
        void Add(string name, params IEnumerable<string?> values) => parts.AddRange(
            values.Where(v => !string.IsNullOrEmpty(v)).Select(v => $"{name}={Uri.EscapeDataString(v!)}"));
        Add("q", Words);
        Add("like", Like?.ToString(CultureInfo.InvariantCulture));
        Add("upload", Upload);
        Add("but", But);
        Add("root", (Roots ?? []).Select(r => r.ToString(CultureInfo.InvariantCulture)));
        Add("in", Folders ?? []);
        Add("tag", Tags ?? []);
        Add("camera", Cameras ?? []);
        Add("format", Formats ?? []);
        Add("orientation", Orientation);
        Add("from", From);
        Add("to", To);
        Add("megapixels", Megapixels?.ToString(CultureInfo.InvariantCulture));
        Add("above", Above?.ToString(CultureInfo.InvariantCulture));
        Add("sort", Sort);
        Add("fold", Fold is { } fold ? (fold ? "true" : "false") : null);
        Add("words", MatchWords is { } words ? (words ? "true" : "false") : null);
        Add("filter", Filter);
        return string.Join('&', parts);
    }

    /// <summary>The page's address.</summary>
    internal string ToPage() => ToQueryString() is { Length: > 0 } query ? $"/?{query}" : "/";

    /// <exception cref="ArgumentException">A part cannot be; says which.</exception>
    internal SearchQuery ToQuery(UploadStore uploads, int offset, int limit, string? cursor = null)
    {
        var parsed = QueryParser.Parse(Box(), uploads.Get);
        if (But is { } but)
        {
            parsed = parsed with { Shift = QueryParser.ParseShift(but) };
        }

        return new SearchQuery
        {
            Terms = parsed.Terms,
            Shift = parsed.Shift,
            Filter = ToFilter(),
            Roots = Roots is { Length: > 0 } ? [.. Roots.Select(r => new RootId(r))] : null,
            Order = ParseOrder(Sort),
            AboveSigma = Above,
            MatchWords = MatchWords ?? true,
            FoldDuplicates = Fold ?? false,
            Offset = offset,
            Limit = limit,
            Cursor = cursor,
        };
    }

    internal static SearchOrder ParseOrder(string? sort) => sort switch
    {
        null or "" or "relevance" => SearchOrder.Relevance,
        "newest" => SearchOrder.Newest,
        "oldest" => SearchOrder.Oldest,
        _ => throw new ArgumentException($"sort is relevance, newest or oldest, not {sort}."),
    };

    // Pictures that the address names stand before the words, joined to them unless they say how.
    private string Box()
    {
        string?[] pictures = [Like is { } image ? $"#{image}" : null, Upload is null ? null : $"upload:{Upload}"];
        var given = string.Join(" + ", pictures.OfType<string>());
        var words = Words?.Trim() ?? "";
        return given.Length == 0 || words.Length == 0 ? given + words
            : words.StartsWith("but ", StringComparison.OrdinalIgnoreCase) || words.StartsWith("+ ", StringComparison.Ordinal)
                || words.StartsWith("- ", StringComparison.Ordinal) ? $"{given} {words}" : $"{given} + {words}";
    }

    private ImageFilter? ToFilter()
    {
        ImageFilter?[] parts =
        [
            Names(ImageField.Folder, Folders), Names(ImageField.Camera, Cameras), Names(ImageField.Format, Formats),
            Names(ImageField.Orientation, Orientation is null ? null : [Orientation]),
            .. (Tags ?? []).Select(tag => new NameIs(ImageField.Tag, [tag])),
            From is null ? null : new Between(ImageField.Date, FilterJson.Period(From).First, null),
            To is null ? null : new Between(ImageField.Date, null, FilterJson.Period(To).Last),
            Megapixels is { } size ? new Between(ImageField.Pixels, size * 1e6, null) : null,
            Filter is null ? null : FilterJson.Parse(Filter),
        ];
        return parts.Any(p => p is not null) ? ImageFilter.And(parts) : null;
    }

    private static NameIs? Names(ImageField field, string[]? names) => names is { Length: > 0 } ? new NameIs(field, names) : null;

    private static string? One(StringValues values) => values.Count > 0 && !string.IsNullOrWhiteSpace(values[0]) ? values[0] : null;

    private static string[]? Many(StringValues values) => values.OfType<string>().Where(v => v.Length > 0).ToArray() is { Length: > 0 } given ? given : null;

    private static double? Number(StringValues values) =>
        double.TryParse(values, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;
}
