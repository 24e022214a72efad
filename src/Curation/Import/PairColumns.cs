namespace Sightline.Curation.Import;

/// <summary>
/// The names by which columns are known where nobody names them, in upper or lower case, the first that a source has before the others:
/// <list type="table">
/// <item><term>caption</term><description>caption, text, top_caption, title, alt_text, alt, description</description></item>
/// <item><term>url</term><description>url, image_url, img_url, coco_url, flickr_url</description></item>
/// <item><term>image</term><description>image, image_path, file_name, filename, filepath, file, path, img, img_path</description></item>
/// <item><term>key</term><description>uid (by which DataComp's subsets choose), key, __key__, id, image_id</description></item>
/// <item><term>width</term><description>original_width, width</description></item>
/// <item><term>height</term><description>original_height, height</description></item>
/// <item><term>similarity</term><description>similarity, clip_l14_similarity_score, clip_b32_similarity_score,
/// clip_score</description></item>
/// <item><term>sha256</term><description>sha256</description></item>
/// </list>
/// Sources: img2dataset, LAION, DataComp, CC12M, COCO, Hugging Face's imagefolder, open_clip. A column that is none of these is kept with
/// the pair as <see cref="NewPair.Extra"/>.
/// </summary>
public static class PairColumns
{
    private static readonly string[][] Names =
    [
        ["caption", "text", "top_caption", "title", "alt_text", "alt", "description"],
        ["url", "image_url", "img_url", "coco_url", "flickr_url"],
        ["image", "image_path", "file_name", "filename", "filepath", "file", "path", "img", "img_path"],
        ["uid", "key", "__key__", "id", "image_id"],
        ["original_width", "width"],
        ["original_height", "height"],
        ["similarity", "clip_l14_similarity_score", "clip_b32_similarity_score", "clip_score"],
        ["sha256"],
    ];

    internal const int Count = 8;

    private static readonly Dictionary<string, (PairColumn Column, int Rank)> ByName = Enumerable.Range(0, Count)
        .SelectMany(column => Names[column].Select((name, rank) => (name, column, rank)))
        .ToDictionary(n => n.name, n => ((PairColumn)n.column, n.rank), StringComparer.OrdinalIgnoreCase);

    /// <summary>The usual names of a column, the best first.</summary>
    public static IReadOnlyList<string> UsualNames(PairColumn column) => Names[(int)column];

    /// <summary>As the command line and the page name a column: in lower case.</summary>
    public static string NameOf(PairColumn column) => column.ToString().ToLowerInvariant();

    /// <param name="name">In upper or lower case.</param>
    public static bool TryParse(string name, out PairColumn column) =>
        Enum.TryParse(name, ignoreCase: true, out column) && Enum.IsDefined(column) && !char.IsAsciiDigit(name[0]);

    /// <param name="rank">0 for the name that goes before all others.</param>
    internal static bool TryFind(string name, out PairColumn column, out int rank)
    {
        var found = ByName.TryGetValue(name, out var usual);
        (column, rank) = usual;
        return found;
    }
}
