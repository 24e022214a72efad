using System.Diagnostics;
using Npgsql;
using Sightline.Models.Images;

namespace Sightline.Search;

// What pages and the API show.
public sealed partial class Catalog
{
    private const string ImageColumns = """
        image.id, image.root_id, root.path, image.path, sha256, bytes, modified_at, format, width, height, orientation, taken_at, camera,
        latitude, longitude, caption, provenance, image.added_at, missing_since, hidden_at
        """;

    public async Task<ImageRecord?> FindImageAsync(ImageId id, CancellationToken cancellationToken) =>
        (await ReadImagesAsync([id], cancellationToken)).SingleOrDefault();

    /// <summary>Reads images in the order of <paramref name="ids"/>; ids that are gone are left out.</summary>
    public async Task<IReadOnlyList<ImageRecord>> ReadImagesAsync(IReadOnlyList<ImageId> ids, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            $"select {ImageColumns} from image join root on root.id = root_id where image.id = any($1) order by array_position($1, image.id)");
        command.Parameters.Add(new() { Value = ids.Select(id => id.Value).ToArray() });
        return await ReadImagesAsync(command, cancellationToken);
    }

    /// <summary>Present images, newest first (date taken, else date modified), equal dates by id.</summary>
    public async Task<IReadOnlyList<ImageRecord>> ReadNewestAsync(int offset, int limit, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand($"""
            select {ImageColumns} from image join root on root.id = root_id
            where missing_since is null and hidden_at is null order by shown_at desc, image.id offset $1 limit $2
            """);
        command.Parameters.Add(new() { Value = offset });
        command.Parameters.Add(new() { Value = limit });
        return await ReadImagesAsync(command, cancellationToken);
    }

    /// <summary>Puts images aside, or back: they leave the index and the pages, their rows and vectors stay.</summary>
    /// <returns>Those that were not so before.</returns>
    public async Task<int> HideAsync(IReadOnlyList<ImageId> images, bool hidden, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await ExecuteAsync(connection, LockChanges, cancellationToken);
        await using var hide = new NpgsqlCommand("""
            with changed as (
                update image set hidden_at = $2 where id = any($1) and (hidden_at is null) = ($2 is not null) returning id),
            logged as (
                insert into change (space_id, image_id) select space_id, image_id from embedding join changed on changed.id = image_id)
            select count(*)::integer from changed
            """, connection);
        hide.Parameters.Add(new() { Value = images.Select(i => i.Value).ToArray() });
        hide.Parameters.Add(new NpgsqlParameter<DateTimeOffset?> { TypedValue = hidden ? time.GetUtcNow() : null });
        var count = (int)(await hide.ExecuteScalarAsync(cancellationToken))!;
        await ExecuteAsync(connection, Notify, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return count;
    }

    /// <summary>Images that were put aside, the last first.</summary>
    public async Task<IReadOnlyList<ImageRecord>> ReadHiddenAsync(int limit, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand($"""
            select {ImageColumns} from image join root on root.id = root_id
            where hidden_at is not null order by hidden_at desc, image.id limit $1
            """);
        command.Parameters.Add(new() { Value = limit });
        return await ReadImagesAsync(command, cancellationToken);
    }

    /// <summary>Other present images with the same bytes.</summary>
    public async Task<IReadOnlyList<ImageRecord>> ReadDuplicatesAsync(ImageId id, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand($"""
            select {ImageColumns} from image join root on root.id = root_id
            where sha256 = (select sha256 from image where id = $1) and image.id <> $1 and missing_since is null and hidden_at is null order by image.id
            """);
        command.Parameters.Add(new() { Value = id.Value });
        return await ReadImagesAsync(command, cancellationToken);
    }

    private static async Task<IReadOnlyList<ImageRecord>> ReadImagesAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var images = new List<ImageRecord>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var metadata = new ImageMetadata(
                reader.GetString(7), reader.GetInt32(8), reader.GetInt32(9), reader.GetInt16(10),
                reader.IsDBNull(11) ? null : reader.GetFieldValue<DateTimeOffset>(11), reader.IsDBNull(12) ? null : reader.GetString(12),
                reader.IsDBNull(13) ? null : reader.GetDouble(13), reader.IsDBNull(14) ? null : reader.GetDouble(14));
            images.Add(new ImageRecord(
                new ImageId(reader.GetInt64(0)), new RootId(reader.GetInt64(1)), reader.GetString(2), reader.GetString(3),
                reader.GetFieldValue<byte[]>(4), reader.GetInt64(5), reader.GetFieldValue<DateTimeOffset>(6), metadata,
                reader.IsDBNull(15) ? null : reader.GetString(15),
                reader.GetString(16) == "generated" ? Provenance.Generated : Provenance.Collected,
                reader.GetFieldValue<DateTimeOffset>(17), reader.IsDBNull(18) ? null : reader.GetFieldValue<DateTimeOffset>(18),
                reader.IsDBNull(19) ? null : reader.GetFieldValue<DateTimeOffset>(19)));
        }

        Telemetry.CatalogRead.Record(Stopwatch.GetElapsedTime(started).TotalSeconds);
        return images;
    }
}
