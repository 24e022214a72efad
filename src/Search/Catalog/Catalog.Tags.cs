using Npgsql;
using Sightline.Models;

namespace Sightline.Search;

// Tags: what models suggest and what people say.
public sealed partial class Catalog
{
    /// <summary>
    /// Makes a batch of images' suggestions from one label set what they are now: new ones come, those that no longer reach their threshold
    /// are withdrawn.
    /// </summary>
    /// <param name="set">The label set's name.</param>
    /// <param name="job">The job that looked; null: none.</param>
    /// <param name="images">The images that were looked at.</param>
    /// <returns>Suggestions there are now, and withdrawn ones; nothing happens where the set is gone.</returns>
    internal async Task<(int Suggested, int Withdrawn)> ReplaceSuggestionsAsync(
        EmbeddingSpace space, string set, JobId? job, IReadOnlyList<ImageId> images, IReadOnlyList<TagSuggestion> suggestions,
        CancellationToken cancellationToken)
    {
        var spaceId = await SpaceIdAsync(space, cancellationToken);
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var ids = await TagIdsAsync(connection, [.. suggestions.Select(s => s.Tag).Distinct()], cancellationToken);
        long[] suggestedImages = [.. suggestions.Select(s => s.Image.Value)];
        long[] suggestedTags = [.. suggestions.Select(s => ids[s.Tag])];
        await using var withdraw = new NpgsqlCommand("""
            delete from tag_suggestion
            where image_id = any($1) and set_id = (select id from label_set where name = $2)
              and not exists (select from unnest($3::bigint[], $4::bigint[]) as now (image_id, tag_id)
                              where now.image_id = tag_suggestion.image_id and now.tag_id = tag_suggestion.tag_id)
            """, connection);
        withdraw.Parameters.Add(new() { Value = images.Select(i => i.Value).ToArray() });
        withdraw.Parameters.Add(new() { Value = set });
        withdraw.Parameters.Add(new() { Value = suggestedImages });
        withdraw.Parameters.Add(new() { Value = suggestedTags });
        var withdrawn = await withdraw.ExecuteNonQueryAsync(cancellationToken);
        await using var suggest = new NpgsqlCommand("""
            insert into tag_suggestion (image_id, tag_id, set_id, score, threshold, typographic, space_id, job_id, decided, set_at)
            select new.image_id, new.tag_id, label_set.id, new.score, new.threshold, new.typographic, $6, $8,
                   exists (select from image_tag where image_tag.image_id = new.image_id and image_tag.tag_id = new.tag_id), $9
            from unnest($1::bigint[], $2::bigint[], $3::real[], $4::real[], $5::boolean[]) as new (image_id, tag_id, score, threshold, typographic)
                 join image on image.id = new.image_id join label_set on label_set.name = $7
            on conflict (image_id, tag_id, set_id) do update set
                score = excluded.score, threshold = excluded.threshold, typographic = excluded.typographic, space_id = excluded.space_id,
                job_id = excluded.job_id, decided = excluded.decided, set_at = excluded.set_at
            """, connection);
        suggest.Parameters.Add(new() { Value = suggestedImages });
        suggest.Parameters.Add(new() { Value = suggestedTags });
        suggest.Parameters.Add(new() { Value = suggestions.Select(s => (float)s.Score).ToArray() });
        suggest.Parameters.Add(new() { Value = suggestions.Select(s => (float)s.Threshold).ToArray() });
        suggest.Parameters.Add(new() { Value = suggestions.Select(s => s.Typographic).ToArray() });
        suggest.Parameters.Add(new() { Value = spaceId });
        suggest.Parameters.Add(new() { Value = set });
        suggest.Parameters.Add(new NpgsqlParameter<long?> { TypedValue = job?.Value });
        suggest.Parameters.Add(new() { Value = time.GetUtcNow() });
        var suggested = await suggest.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return (suggested, withdrawn);
    }

    /// <summary>Withdraws the set's suggestions for labels that it no longer has.</summary>
    internal async Task<int> WithdrawOtherLabelsAsync(string set, IReadOnlyList<string> labels, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("""
            delete from tag_suggestion using tag, label_set
            where tag.id = tag_id and label_set.id = set_id and label_set.name = $1 and not (tag.name = any($2))
            """);
        command.Parameters.Add(new() { Value = set });
        command.Parameters.Add(new() { Value = labels.ToArray() });
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>A person says what images show: a tag is given (or confirmed), or is not so (and no model brings it back).</summary>
    /// <returns>Images that are in the catalogue.</returns>
    public async Task<int> SetTagAsync(string name, IReadOnlyList<ImageId> images, bool isSo, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var tag = (await TagIdsAsync(connection, [name], cancellationToken))[name];
        await using var set = new NpgsqlCommand("""
            insert into image_tag (image_id, tag_id, state, set_at)
            select id, $2, $3, $4 from image where id = any($1) order by id
            on conflict (image_id, tag_id) do update set state = excluded.state, set_at = excluded.set_at
            """, connection);
        set.Parameters.Add(new() { Value = images.Select(i => i.Value).ToArray() });
        set.Parameters.Add(new() { Value = tag });
        set.Parameters.Add(new() { Value = isSo ? "accepted" : "rejected" });
        set.Parameters.Add(new() { Value = time.GetUtcNow() });
        var count = await set.ExecuteNonQueryAsync(cancellationToken);
        await DecideAsync(connection, tag, images, isDecided: true, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return count;
    }

    /// <summary>Takes back what a person said, as if nobody had: a tag that a person gave goes, a suggestion waits for review again.</summary>
    /// <returns>Images of which something had been said.</returns>
    public async Task<int> ForgetTagAsync(string name, IReadOnlyList<ImageId> images, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var find = new NpgsqlCommand("select id from tag where name = $1", connection);
        find.Parameters.Add(new() { Value = name });
        if (await find.ExecuteScalarAsync(cancellationToken) is not long tag)
        {
            return 0;
        }

        await using var forget = new NpgsqlCommand("delete from image_tag where tag_id = $1 and image_id = any($2)", connection);
        forget.Parameters.Add(new() { Value = tag });
        forget.Parameters.Add(new() { Value = images.Select(i => i.Value).ToArray() });
        var count = await forget.ExecuteNonQueryAsync(cancellationToken);
        await DecideAsync(connection, tag, images, isDecided: false, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return count;
    }

    /// <summary>The tags of images, rejected ones included, by name; of several sets' suggestions the most probable.</summary>
    public async Task<IReadOnlyList<ImageTag>> ReadTagsAsync(IReadOnlyList<ImageId> images, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand($"""
            with known as (
                select image_id, tag_id from image_tag where image_id = any($1)
                union
                select image_id, tag_id from tag_suggestion where image_id = any($1))
            select distinct on (image_id, lower(tag.name), tag.id) {TagColumns}
            from known join tag on tag.id = tag_id left join image_tag using (image_id, tag_id)
                 left join tag_suggestion using (image_id, tag_id) {TagSources}
            order by image_id, lower(tag.name), tag.id, score desc
            """);
        command.Parameters.Add(new() { Value = images.Select(i => i.Value).ToArray() });
        return [.. (await ReadTagsAsync(command, cancellationToken)).Select(t => t.Tag)];
    }

    /// <summary>Suggestions that nobody has looked at, nearest to their threshold first.</summary>
    /// <param name="tag">Only of this name; null: of all.</param>
    /// <param name="after">Goes on after this one.</param>
    /// <returns>Each with its place, to go on after it.</returns>
    public async Task<IReadOnlyList<(ImageTag Tag, ReviewPlace Place)>> ReadReviewAsync(
        string? tag, ReviewPlace? after, int limit, CancellationToken cancellationToken)
    {
        // One statement for each of the two indexes.
        await using var command = dataSource.CreateCommand($"""
            select {TagColumns}
            from tag_suggestion join tag on tag.id = tag_id join image on image.id = image_id left join image_tag using (image_id, tag_id) {TagSources}
            where not decided and image_tag.state is null and missing_since is null and hidden_at is null
              {(tag is null ? "" : "and tag_id = (select id from tag where name = $6)")}
              {(after is null ? "" : "and (tag_suggestion.score - tag_suggestion.threshold, image_id, tag_id, set_id) > ($1, $2, $3, $4)")}
            order by tag_suggestion.score - tag_suggestion.threshold, image_id, tag_id, set_id limit $5
            """);
        var place = after ?? default;
        command.Parameters.Add(new() { Value = place.Margin });
        command.Parameters.Add(new() { Value = place.Image });
        command.Parameters.Add(new() { Value = place.Tag });
        command.Parameters.Add(new() { Value = place.Set });
        command.Parameters.Add(new() { Value = limit });
        command.Parameters.Add(new() { Value = tag ?? "" });
        return await ReadTagsAsync(command, cancellationToken);
    }

    /// <summary>Every tag that a present image has, most frequent first.</summary>
    public async Task<IReadOnlyList<TagCount>> CountTagsAsync(CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("""
            select tag.name, count(*), count(*) filter (where suggested)
            from (select tag_id, image_id, bool_and(suggested) as suggested from shown_tag group by tag_id, image_id) as shown
                 join tag on tag.id = tag_id join image on image.id = image_id
            where missing_since is null and hidden_at is null
            group by tag.id order by 2 desc, lower(tag.name), tag.id
            """);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var counts = new List<TagCount>();
        while (await reader.ReadAsync(cancellationToken))
        {
            counts.Add(new TagCount(reader.GetString(0), reader.GetInt64(1), reader.GetInt64(2)));
        }

        return counts;
    }

    /// <summary>Images that have a tag; none where there is no such tag.</summary>
    internal async Task<IReadOnlyList<long>> FindTaggedAsync(string name, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("""
            select image_id from shown_tag where tag_id = (select id from tag where name = $1)
            """);
        command.Parameters.Add(new() { Value = name });
        return await ReadIdsAsync(command, cancellationToken);
    }

    private const string TagColumns = """
        image_id, tag.name, image_tag.state, score, threshold, typographic, model, label_set.name, job_id,
        coalesce(image_tag.set_at, tag_suggestion.set_at), tag.id, set_id
        """;

    private const string TagSources =
        "left join embedding_space on embedding_space.id = space_id left join label_set on label_set.id = set_id";

    private static async Task DecideAsync(
        NpgsqlConnection connection, long tag, IReadOnlyList<ImageId> images, bool isDecided, CancellationToken cancellationToken)
    {
        await using var decide = new NpgsqlCommand(
            "update tag_suggestion set decided = $3 where tag_id = $1 and image_id = any($2)", connection);
        decide.Parameters.Add(new() { Value = tag });
        decide.Parameters.Add(new() { Value = images.Select(i => i.Value).ToArray() });
        decide.Parameters.Add(new() { Value = isDecided });
        await decide.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<Dictionary<string, long>> TagIdsAsync(
        NpgsqlConnection connection, IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        await using (var add = new NpgsqlCommand("""
            insert into tag (name) select unnest from unnest($1::text[]) order by unnest on conflict (name) do nothing
            """, connection))
        {
            add.Parameters.Add(new() { Value = names.ToArray() });
            await add.ExecuteNonQueryAsync(cancellationToken);
        }

        await using var find = new NpgsqlCommand("select name, id from tag where name = any($1)", connection);
        find.Parameters.Add(new() { Value = names.ToArray() });
        await using var reader = await find.ExecuteReaderAsync(cancellationToken);
        var ids = new Dictionary<string, long>();
        while (await reader.ReadAsync(cancellationToken))
        {
            ids.Add(reader.GetString(0), reader.GetInt64(1));
        }

        return ids;
    }

    private static async Task<IReadOnlyList<(ImageTag Tag, ReviewPlace Place)>> ReadTagsAsync(
        NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var tags = new List<(ImageTag, ReviewPlace)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            TagState? said = reader.IsDBNull(2) ? null : Enum.Parse<TagState>(reader.GetString(2), ignoreCase: true);
            var from = reader.IsDBNull(3)
                ? null
                : new TagSource(
                    reader.GetFloat(3), reader.GetFloat(4), reader.GetBoolean(5), reader.GetString(6), reader.GetString(7),
                    reader.IsDBNull(8) ? null : new JobId(reader.GetInt64(8)));
            var tag = new ImageTag(
                new ImageId(reader.GetInt64(0)), reader.GetString(1), said ?? TagState.Suggested, from, reader.GetFieldValue<DateTimeOffset>(9));
            tags.Add((tag, from is null ? default : new ReviewPlace(reader.GetFloat(3) - reader.GetFloat(4), tag.Image.Value, reader.GetInt64(10), reader.GetInt64(11))));
        }

        return tags;
    }

    private static async Task<IReadOnlyList<long>> ReadIdsAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var ids = new List<long>();
        while (await reader.ReadAsync(cancellationToken))
        {
            ids.Add(reader.GetInt64(0));
        }

        return ids;
    }
}
