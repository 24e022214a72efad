namespace Sightline.Curation.Export;

/// <summary>What is to be exported where, and how.</summary>
public sealed record ExportRequest
{
    /// <summary>Most pairs of a shard.</summary>
    public const int LargestShard = 1_000_000;

    private const int MostSplits = 32;
    private const int LongestSplitName = 64;

    /// <summary>Empty, missing, or of the same export, which then goes on.</summary>
    public required string Folder { get; init; }

    public ExportFormat Format { get; init; }

    /// <summary>Most pairs of a shard, or of a folder of images: 1 to <see cref="LargestShard"/>, default 10,000. Shards are even: none
    /// has more than one pair more than another.</summary>
    public int ShardSize { get; init; } = 10_000;

    /// <summary>Fractions of the images by the splits' names, together 1; none, the default, for no splits. A name is of lower-case
    /// letters, digits, <c>-</c> and <c>_</c>. Their order does not matter.</summary>
    public IReadOnlyDictionary<string, double> Splits { get; init; } = new Dictionary<string, double>();

    /// <summary>Another seed gives images to other splits.</summary>
    public long Seed { get; init; }

    /// <summary>JSON Lines compressed, as <c>.jsonl.gz</c>.</summary>
    public bool Gzip { get; init; }

    /// <summary>An image folder's files are hard links where the image is a file of its own on the same file system; others are copied
    /// still.</summary>
    public bool HardLinks { get; init; }

    /// <summary>Pictures that a model made are exported too: pairs whose extra fields say <c>"provenance": "generated"</c>.</summary>
    public bool IncludeGenerated { get; init; }

    internal bool HasImages => Format is ExportFormat.WebDataset or ExportFormat.ImageFolder;

    /// <exception cref="ExportException">Something of it cannot be; says what.</exception>
    public void Check()
    {
        Require(!string.IsNullOrWhiteSpace(Folder), "An export needs a folder.");
        Require(Enum.IsDefined(Format), $"There is no format {Format}.");
        Require(ShardSize is >= 1 and <= LargestShard, $"A shard has 1 to {LargestShard} pairs, not {ShardSize}.");
        Require(!Gzip || Format == ExportFormat.JsonLines, "Only JSON Lines are compressed with gzip.");
        Require(!HardLinks || Format == ExportFormat.ImageFolder, "Only an image folder has hard links.");
        Require(Splits.Count <= MostSplits, $"There are at most {MostSplits} splits, not {Splits.Count}.");
        foreach (var (name, fraction) in Splits)
        {
            Require(
                name.Length is > 0 and <= LongestSplitName && !name.AsSpan().ContainsAnyExcept("abcdefghijklmnopqrstuvwxyz0123456789-_"),
                $"A split's name has 1 to {LongestSplitName} lower-case letters, digits, - and _: not \"{name}\".");
            Require(fraction is > 0 and <= 1, $"The split {name} is a fraction above 0, at most 1, of the images, not {fraction}.");
        }

        Require(Splits.Count == 0 || Math.Abs(Splits.Values.Sum() - 1) < 1e-6, $"The splits together are 1, not {Splits.Values.Sum()}.");
    }

    private static void Require(bool condition, string message)
    {
        if (!condition)
        {
            throw new ExportException(message);
        }
    }
}
