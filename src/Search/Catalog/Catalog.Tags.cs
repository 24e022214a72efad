using Npgsql;
using Sightline.Models;

namespace Sightline.Search;

// Tags: what models suggest and what people say.
public sealed partial class Catalog
{
    /// <summary>
    /// Makes a batch of images' suggestions from one label set what they are now: new ones come, those that no longer reach their threshold
    /// are withdrawn, what a person has said stays.
    /// </summary>
    /// <param name="images">The images that were looked at.</param>
    /// <returns>Suggestions there are now, and withdrawn ones.</returns>
    internal async Task<(int Suggested, int Withdrawn)> ReplaceSuggestionsAsync(
        EmbeddingSpace space, string labelSet, IReadOnlyList<ImageId> images, IReadOnlyList<TagSuggestion> suggestions,
        CancellationToken cancellationToken)
    {
        var spaceId = await SpaceIdAsync(space, cancellationToken);
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var ids = await TagIdsAsync(connection, [.. suggestions.Select(s => s.Tag).Distinct()], cancellationToken);
        long[] suggestedImages = [.. suggestions.Select(s => s.Image.Value)];
        long[] suggestedTags = [.. suggestions.Select(s => ids[s.Tag])];
        await using var withdraw = new NpgsqlCommand("""
            delete from image_tag
            where image_id = any($1) and label_set = $2 and state = 'suggested'
              and not exists (select from unnest($3::bigint[], $4::bigint[]) as now (image_id, tag_id)
                              where now.image_id = image_tag.image_id and now.tag_id = image_tag.tag_id)
            """, connection);
        withdraw.Parameters.Add(new() { Value = images.Select(i => i.Value).ToArray() });
        withdraw.Parameters.Add(new() { Value = labelSet });
        withdraw.Parameters.Add(new() { Value = suggestedImages });
        withdraw.Parameters.Add(new() { Value = suggestedTags });
        var withdrawn = await withdraw.ExecuteNonQueryAsync(cancellationToken);
        await using var suggest = new NpgsqlCommand("""
            insert into image_tag (image_id, tag_id, state, by_person, score, threshold, typographic, space_id, label_set, set_at)
            select image_id, tag_id, 'suggested', false, score, threshold, typographic, $6, $7, $8
            from unnest($1::bigint[], $2::bigint[], $3::real[], $4::real[], $5::boolean[]) as new (image_id, tag_id, score, threshold, typographic)
            where exists (select from image where id = image_id)
            on conflict (image_id, tag_id) do update set
                score = excluded.score, threshold = excluded.threshold, typographic = excluded.typographic, space_id = excluded.space_id,
                label_set = excluded.label_set, set_at = excluded.set_at
            where image_tag.state = 'suggested'
            """, connection);
        suggest.Parameters.Add(new() { Value = suggestedImages });
        suggest.Parameters.Add(new() { Value = suggestedTags });
        suggest.Parameters.Add(new() { Value = suggestions.Select(s => (float)s.Score).ToArray() });
        suggest.Parameters.Add(new() { Value = suggestions.Select(s => (float)s.Threshold).ToArray() });
        suggest.Parameters.Add(new() { Value = suggestions.Select(s => s.Typographic).ToArray() });
        suggest.Parameters.Add(new() { Value = spaceId });
        suggest.Parameters.Add(new() { Value = labelSet });
        suggest.Parameters.Add(new() { Value = time.GetUtcNow() });
        var suggested = await suggest.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return (suggested, withdrawn);
    }

    /// <summary>Withdraws the set's suggestions for labels that it no longer has.</summary>
    internal async Task<int> WithdrawOtherLabelsAsync(string labelSet, IReadOnlyList<string> labels, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("""
            delete from image_tag using tag
            where tag.id = tag_id and label_set = $1 and state = 'suggested' and not (tag.name = any($2))
            """);
        command.Parameters.Add(new() { Value = labelSet });
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
            insert into image_tag (image_id, tag_id, state, by_person, set_at)
            select id, $2, $3, true, $4 from image where id = any($1)
            on conflict (image_id, tag_id) do update set state = excluded.state, by_person = true, set_at = excluded.set_at
            """, connection);
        set.Parameters.Add(new() { Value = images.Select(i => i.Value).ToArray() });
        set.Parameters.Add(new() { Value = tag });
        set.Parameters.Add(new() { Value = isSo ? "accepted" : "rejected" });
        set.Parameters.Add(new() { Value = time.GetUtcNow() });
        var count = await set.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return count;
    }

    /// <summary>The tags of images, rejected ones included, by name.</summary>
    public async Task<IReadOnlyList<ImageTag>> ReadTagsAsync(IReadOnlyList<ImageId> images, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand($"{SelectTags} where image_id = any($1) order by image_id, lower(tag.name), tag.id");
        command.Parameters.Add(new() { Value = images.Select(i => i.Value).ToArray() });
        return await ReadTagsAsync(command, cancellationToken);
    }

    /// <summary>Suggestions that nobody has looked at, least certain first.</summary>
    /// <param name="tag">Only of this name; null: of all.</param>
    /// <param name="after">Goes on after this one.</param>
    public async Task<IReadOnlyList<ImageTag>> ReadReviewAsync(string? tag, (double Score, ImageId Image, string Tag)? after, int limit, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand($"""
            {SelectTags} join image on image.id = image_id
            where state = 'suggested' and missing_since is null and hidden_at is null and ($1::text is null or tag.name = $1)
              and ($2::real is null or (score, image_id, tag.name) > ($2, $3, $4))
            order by score, image_id, tag.name limit $5
            """);
        command.Parameters.Add(new NpgsqlParameter<string?> { TypedValue = tag });
        command.Parameters.Add(new NpgsqlParameter<float?> { TypedValue = (float?)after?.Score });
        command.Parameters.Add(new() { Value = after?.Image.Value ?? 0 });
        command.Parameters.Add(new() { Value = after?.Tag ?? "" });
        command.Parameters.Add(new() { Value = limit });
        return await ReadTagsAsync(command, cancellationToken);
    }

    /// <summary>Every tag that a present image has, most frequent first.</summary>
    public async Task<IReadOnlyList<TagCount>> CountTagsAsync(CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("""
            select tag.name, count(*), count(*) filter (where state = 'suggested')
            from image_tag join tag on tag.id = tag_id join image on image.id = image_id
            where state <> 'rejected' and missing_since is null and hidden_at is null
            group by tag.id order by count(*) desc, lower(tag.name), tag.id
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
            select image_id from image_tag where tag_id = (select id from tag where name = $1) and state <> 'rejected'
            """);
        command.Parameters.Add(new() { Value = name });
        return await ReadIdsAsync(command, cancellationToken);
    }

    private const string SelectTags = """
        select image_id, tag.name, state, by_person, score, threshold, typographic, model, label_set, set_at
        from image_tag join tag on tag.id = tag_id left join embedding_space on embedding_space.id = space_id
        """;

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

    private static async Task<IReadOnlyList<ImageTag>> ReadTagsAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var tags = new List<ImageTag>();
        while (await reader.ReadAsync(cancellationToken))
        {
            tags.Add(new ImageTag(
                new ImageId(reader.GetInt64(0)), reader.GetString(1), Enum.Parse<TagState>(reader.GetString(2), ignoreCase: true), reader.GetBoolean(3),
                reader.IsDBNull(4) ? null : reader.GetFloat(4), reader.IsDBNull(5) ? null : reader.GetFloat(5), reader.GetBoolean(6),
                reader.IsDBNull(7) ? null : reader.GetString(7), reader.IsDBNull(8) ? null : reader.GetString(8),
                reader.GetFieldValue<DateTimeOffset>(9)));
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
