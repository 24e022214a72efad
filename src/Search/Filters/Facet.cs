using System.Globalization;

namespace Sightline.Search;

/// <summary>A value of a field, and the number of images that have it.</summary>
public sealed record Facet(ImageField Field, string Value, int Count)
{
    /// <summary>Most values of one field.</summary>
    private const int MostValues = 200;

    internal static IReadOnlyList<Facet> Of(FactTable facts, VectorFilter allowed)
    {
        var (folders, cameras, formats) = (new Dictionary<int, int>(), new Dictionary<int, int>(), new Dictionary<int, int>());
        var (years, orientations) = (new Dictionary<int, int>(), new Dictionary<string, int>());
        foreach (var (image, fact) in facts.All())
        {
            if (allowed.Images is null || allowed.Images.Contains(image.Value))
            {
                Add(folders, fact.Folder);
                Add(cameras, fact.Camera);
                Add(formats, fact.Format);
                Add(years, DateTimeOffset.UnixEpoch.AddMicroseconds(fact.ShownAt).Year);
                Add(orientations, NameIs.OrientationOf(fact));
            }
        }

        var (folderNames, cameraNames, formatNames) = (facts.Folders.Names, facts.Cameras.Names, facts.Formats.Names);
        return
        [
            .. Top(ImageField.Folder, folders, n => folderNames[n]), .. Top(ImageField.Camera, cameras, n => cameraNames[n]),
            .. Top(ImageField.Format, formats, n => formatNames[n]), .. Top(ImageField.Orientation, orientations, name => name),
            .. Top(ImageField.Date, years, year => year.ToString(CultureInfo.InvariantCulture)),
        ];
    }

    private static void Add<T>(Dictionary<T, int> counts, T key)
        where T : notnull => counts[key] = counts.GetValueOrDefault(key) + 1;

    private static IEnumerable<Facet> Top<T>(ImageField field, Dictionary<T, int> counts, Func<T, string> name)
        where T : notnull => counts
            .Select(c => new Facet(field, name(c.Key), c.Value)).Where(f => f.Value.Length > 0)
            .OrderByDescending(f => f.Count).ThenBy(f => f.Value, StringComparer.Ordinal).Take(MostValues);
}
