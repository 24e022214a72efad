using System.Data;
using System.Runtime.InteropServices;
using Npgsql;
using Sightline.Models;

namespace Sightline.Search;

// What the index follows.
public sealed partial class Catalog
{
    /// <summary>NOTIFY is sent on this channel by every transaction that appends to the change log.</summary>
    internal const string ChangeChannel = "sightline_change";

    private const string RowColumns = """
        root.path, image.path, shown_at, image.bytes, width, height, camera, format, caption is not null, provenance = 'generated'
        """;

    /// <summary>An image's vector as it is now; null where it has left the space (vanished, deleted, or its file gives no
    /// picture).</summary>
    internal readonly record struct VectorChange(long Number, ImageId Image, int Collection, float[]? Vector, ImageRow? Row);

    /// <summary>Streams every searchable vector of a space in one snapshot.</summary>
    /// <returns>The change number that the snapshot covers.</returns>
    internal async Task<long> ReadVectorsAsync(EmbeddingSpace space, Action<ImageId, int, float[]> add, CancellationToken cancellationToken)
    {
        var spaceId = await SpaceIdAsync(space, cancellationToken);
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var snapshot = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        await using var last = new NpgsqlCommand("select coalesce(max(number), 0) from change", connection);
        var number = (long)(await last.ExecuteScalarAsync(cancellationToken))!;
        await using var command = new NpgsqlCommand("""
            select image_id, root_id, vector from embedding join image on image.id = image_id where space_id = $1 and missing_since is null
              and hidden_at is null
            """, connection);
        command.Parameters.Add(new() { Value = spaceId });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            add(new ImageId(reader.GetInt64(0)), checked((int)reader.GetInt64(1)), Components(space, reader.GetFieldValue<byte[]>(2)));
        }

        return number;
    }

    /// <summary>The next changes of a space after a number, oldest first, at most <paramref name="limit"/>.</summary>
    internal async Task<IReadOnlyList<VectorChange>> ReadChangesAsync(
        EmbeddingSpace space, long after, int limit, CancellationToken cancellationToken)
    {
        var spaceId = await SpaceIdAsync(space, cancellationToken);
        await using var command = dataSource.CreateCommand($"""
            select change.number, change.image_id, root_id,
                   case when image.missing_since is null and image.hidden_at is null then vector end, {RowColumns}
            from change
            left join (image join root on root.id = root_id) on image.id = change.image_id
            left join embedding on embedding.space_id = change.space_id and embedding.image_id = change.image_id
            where change.space_id = $1 and change.number > $2
            order by change.number limit $3
            """);
        command.Parameters.Add(new() { Value = spaceId });
        command.Parameters.Add(new() { Value = after });
        command.Parameters.Add(new() { Value = limit });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var changes = new List<VectorChange>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var vector = reader.IsDBNull(3) ? null : Components(space, reader.GetFieldValue<byte[]>(3));
            var collection = vector is null ? 0 : checked((int)reader.GetInt64(2));
            changes.Add(new VectorChange(
                reader.GetInt64(0), new ImageId(reader.GetInt64(1)), collection, vector, vector is null ? null : ReadRow(reader, 4)));
        }

        return changes;
    }

    /// <summary>The number of the last change that has been made; everything up to it is committed.</summary>
    internal async Task<long> ReadLastChangeAsync(EmbeddingSpace space, CancellationToken cancellationToken)
    {
        var spaceId = await SpaceIdAsync(space, cancellationToken);
        await using var command = dataSource.CreateCommand("""
            select greatest((select max(number) from change), (select pruned_to from index_manifest where space_id = $1), 0)
            """);
        command.Parameters.Add(new() { Value = spaceId });
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>Streams the facts of every searchable image of a space.</summary>
    internal async Task ReadRowsAsync(EmbeddingSpace space, Action<ImageId, ImageRow> add, CancellationToken cancellationToken)
    {
        var spaceId = await SpaceIdAsync(space, cancellationToken);
        await using var command = dataSource.CreateCommand($"""
            select image.id, {RowColumns}
            from image join root on root.id = root_id
            where missing_since is null and hidden_at is null
              and exists (select from embedding where space_id = $1 and image_id = image.id)
            """);
        command.Parameters.Add(new() { Value = spaceId });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            add(new ImageId(reader.GetInt64(0)), ReadRow(reader, 1));
        }
    }

    private static ImageRow ReadRow(NpgsqlDataReader reader, int at)
    {
        var path = reader.GetString(at + 1);
        var folder = path.LastIndexOf('/') is >= 0 and var end ? $"{reader.GetString(at).TrimEnd('/')}/{path[..end]}" : reader.GetString(at);
        return new ImageRow(
            folder, reader.GetFieldValue<DateTimeOffset>(at + 2), reader.GetInt64(at + 3), reader.GetInt32(at + 4), reader.GetInt32(at + 5),
            reader.IsDBNull(at + 6) ? null : reader.GetString(at + 6), reader.GetString(at + 7), reader.GetBoolean(at + 8),
            reader.GetBoolean(at + 9));
    }

    private static float[] Components(EmbeddingSpace space, byte[] stored) =>
        stored.Length == space.Dimensions * sizeof(float)
            ? MemoryMarshal.Cast<byte, float>(stored).ToArray()
            : throw new DatabaseException($"A vector of {space} has {stored.Length} bytes instead of {space.Dimensions * sizeof(float)}.");
}
