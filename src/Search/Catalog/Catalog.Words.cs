namespace Sightline.Search;

// What images are called.
public sealed partial class Catalog
{
    // More matches by name than this are no hint any more.
    private const int MostNamed = 20_000;

    /// <summary>Present images whose path and caption, or one of whose tags, hold every one of the words, or words that begin with
    /// them.</summary>
    internal async Task<IReadOnlyList<long>> FindByWordsAsync(IReadOnlyList<string> words, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("""
            (select id from image where words @@ to_tsquery('simple', $1) and missing_since is null and hidden_at is null limit $2)
            union
            (select image_id from shown_tag
             where tag_id in (select id from tag where to_tsvector('simple', name) @@ to_tsquery('simple', $1)) limit $2)
            """);
        command.Parameters.Add(new() { Value = string.Join(" & ", words.Select(w => $"'{w.Replace("'", "''", StringComparison.Ordinal)}':*")) });
        command.Parameters.Add(new() { Value = MostNamed });
        return await ReadIdsAsync(command, cancellationToken);
    }
}
