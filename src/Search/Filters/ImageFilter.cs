using System.Globalization;

namespace Sightline.Search;

/// <summary>Which images a search may return. Immutable; equal filters have equal <see cref="Key"/>s.</summary>
public abstract record ImageFilter
{
    /// <summary>Most conditions in one filter, so that no request makes a search slow.</summary>
    public const int MaxConditions = 200;

    /// <summary>All of these hold; of none, everything passes.</summary>
    public static ImageFilter And(params IEnumerable<ImageFilter?> parts)
    {
        ImageFilter[] given = [.. parts.OfType<ImageFilter>()];
        return given.Length == 1 ? given[0] : new AllOf(given);
    }

    /// <summary>The filter as a text, by which results are kept.</summary>
    internal abstract string Key { get; }

    /// <summary>The tags it asks for.</summary>
    internal virtual IEnumerable<string> Tags => [];

    internal abstract FactTest Compile(FactTable table, IReadOnlyDictionary<string, ImageSet> tagged);

    internal static string KeyOf(string name, IEnumerable<string> parts) =>
        $"{name}({string.Join(',', parts.Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.Length}:{p}")))})";
}

/// <summary>Every part holds.</summary>
public sealed record AllOf(IReadOnlyList<ImageFilter> Parts) : ImageFilter
{
    internal override string Key => KeyOf("and", Parts.Select(p => p.Key));

    internal override IEnumerable<string> Tags => Parts.SelectMany(p => p.Tags);

    internal override FactTest Compile(FactTable table, IReadOnlyDictionary<string, ImageSet> tagged)
    {
        FactTest[] tests = [.. Parts.Select(p => p.Compile(table, tagged))];
        return (long image, in ImageFacts facts) =>
        {
            foreach (var test in tests)
            {
                if (!test(image, facts))
                {
                    return false;
                }
            }

            return true;
        };
    }
}

/// <summary>At least one part holds.</summary>
public sealed record AnyOf(IReadOnlyList<ImageFilter> Parts) : ImageFilter
{
    internal override string Key => KeyOf("or", Parts.Select(p => p.Key));

    internal override IEnumerable<string> Tags => Parts.SelectMany(p => p.Tags);

    internal override FactTest Compile(FactTable table, IReadOnlyDictionary<string, ImageSet> tagged)
    {
        FactTest[] tests = [.. Parts.Select(p => p.Compile(table, tagged))];
        return (long image, in ImageFacts facts) =>
        {
            foreach (var test in tests)
            {
                if (test(image, facts))
                {
                    return true;
                }
            }

            return false;
        };
    }
}

/// <summary>The part does not hold.</summary>
public sealed record NoneOf(ImageFilter Part) : ImageFilter
{
    internal override string Key => KeyOf("not", [Part.Key]);

    internal override IEnumerable<string> Tags => Part.Tags;

    internal override FactTest Compile(FactTable table, IReadOnlyDictionary<string, ImageSet> tagged)
    {
        var test = Part.Compile(table, tagged);
        return (long image, in ImageFacts facts) => !test(image, facts);
    }
}

/// <summary>The names that fields have in filters.</summary>
public enum ImageField
{
    /// <summary>A folder's full path; images below it count.</summary>
    Folder,

    /// <summary>Camera's name.</summary>
    Camera,

    /// <summary>File format: jpeg, png, ...</summary>
    Format,

    /// <summary>A tag of the image.</summary>
    Tag,

    /// <summary>landscape, portrait or square (within 5 %).</summary>
    Orientation,

    /// <summary>collected or generated.</summary>
    Provenance,

    /// <summary>true or false: has a caption.</summary>
    Captioned,

    /// <summary>Date taken, else modified; UTC. A day, month or year stands for all of it.</summary>
    Date,

    /// <summary>Pixels across, as shown.</summary>
    Width,

    /// <summary>Pixels down, as shown.</summary>
    Height,

    /// <summary>Width times height.</summary>
    Pixels,

    /// <summary>Width over height.</summary>
    Aspect,

    /// <summary>Size of the file.</summary>
    Bytes,
}

/// <summary>The field has one of these names.</summary>
public sealed record NameIs(ImageField Field, IReadOnlyList<string> Names) : ImageFilter
{
    private const double SquareWithin = 0.05;

    internal override string Key => KeyOf(Field.ToString(), Names.Order(StringComparer.Ordinal));

    internal override IEnumerable<string> Tags => Field == ImageField.Tag ? Names : [];

    internal override FactTest Compile(FactTable table, IReadOnlyDictionary<string, ImageSet> tagged)
    {
        switch (Field)
        {
            case ImageField.Folder:
                var folders = table.Folders.Where(folder => Names.Any(name => IsIn(folder, name)));
                return (long _, in ImageFacts facts) => facts.Folder < folders.Length && folders[facts.Folder];
            case ImageField.Camera:
                var cameras = table.Cameras.Where(camera => Names.Contains(camera, StringComparer.OrdinalIgnoreCase));
                return (long _, in ImageFacts facts) => facts.Camera < cameras.Length && cameras[facts.Camera];
            case ImageField.Format:
                var formats = table.Formats.Where(format => Names.Contains(format, StringComparer.OrdinalIgnoreCase));
                return (long _, in ImageFacts facts) => facts.Format < formats.Length && formats[facts.Format];
            case ImageField.Tag:
                ImageSet[] sets = [.. Names.Select(name => tagged[name])];
                return (long image, in ImageFacts _) => Array.Exists(sets, set => set.Contains(image));
            case ImageField.Orientation:
                return (long _, in ImageFacts facts) => Names.Contains(OrientationOf(facts), StringComparer.OrdinalIgnoreCase);
            case ImageField.Provenance:
                return (long _, in ImageFacts facts) =>
                    Names.Contains(facts.IsGenerated ? "generated" : "collected", StringComparer.OrdinalIgnoreCase);
            default:
                return (long _, in ImageFacts facts) => Names.Contains(facts.HasCaption ? "true" : "false", StringComparer.OrdinalIgnoreCase);
        }
    }

    private static bool IsIn(string folder, string name)
    {
        name = name.Length > 1 ? name.TrimEnd('/') : name;
        return folder == name || (folder.StartsWith(name, StringComparison.Ordinal) && (name == "/" || folder[name.Length] == '/'));
    }

    internal static string OrientationOf(in ImageFacts facts)
    {
        var aspect = (double)facts.Width / facts.Height;
        return aspect > 1 + SquareWithin ? "landscape" : aspect < 1 / (1 + SquareWithin) ? "portrait" : "square";
    }
}

/// <summary>The field lies between two bounds, both included.</summary>
/// <param name="Least">Null: no lower bound.</param>
/// <param name="Most">Null: no upper bound.</param>
public sealed record Between(ImageField Field, double? Least, double? Most) : ImageFilter
{
    internal override string Key => KeyOf(
        Field.ToString(), [Least?.ToString("R", CultureInfo.InvariantCulture) ?? "", Most?.ToString("R", CultureInfo.InvariantCulture) ?? ""]);

    internal override FactTest Compile(FactTable table, IReadOnlyDictionary<string, ImageSet> tagged)
    {
        var (least, most) = (Least ?? double.NegativeInfinity, Most ?? double.PositiveInfinity);
        return Field switch
        {
            ImageField.Date => (long _, in ImageFacts facts) => Math.Floor(facts.ShownAt / 1e6) is var second && second >= least && second <= most,
            ImageField.Width => (long _, in ImageFacts facts) => facts.Width >= least && facts.Width <= most,
            ImageField.Height => (long _, in ImageFacts facts) => facts.Height >= least && facts.Height <= most,
            ImageField.Pixels => (long _, in ImageFacts facts) => (double)facts.Width * facts.Height is var pixels && pixels >= least && pixels <= most,
            ImageField.Aspect => (long _, in ImageFacts facts) => (double)facts.Width / facts.Height is var aspect && aspect >= least && aspect <= most,
            _ => (long _, in ImageFacts facts) => facts.Bytes >= least && facts.Bytes <= most,
        };
    }
}
