using System.Runtime.InteropServices;
using System.Text;
using Npgsql;
using NpgsqlTypes;
using Sightline.Models;

namespace Sightline.Search;

// What the indexer asks before it reads a file, and what it writes afterwards.
public sealed partial class Catalog
{
    // Held from the moment a change number is drawn until commit, by every writer: see migration 0001, table change.
    private const string LockChanges = "select pg_advisory_xact_lock(6001002)";

    private const string Notify = $"select pg_notify('{ChangeChannel}', '')";

    /// <summary>Streams what is known below a root, ordered by path (ordinal).</summary>
    public async IAsyncEnumerable<KnownFile> ReadKnownFilesAsync(
        RootId root, EmbeddingSpace space, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var spaceId = await SpaceIdAsync(space, cancellationToken);
        await using var command = dataSource.CreateCommand("""
            select image.path, coalesce(fault.bytes, image.bytes), coalesce(fault.modified_at, image.modified_at), fault.reason,
                   image.missing_since is not null, vector is not null
            from image
            left join embedding on image_id = image.id and space_id = $2
            left join file_fault fault on fault.root_id = image.root_id and fault.path = image.path
            where image.root_id = $1
            union all
            select path, bytes, modified_at, reason, false, false
            from file_fault fault
            where root_id = $1 and not exists (select from image where image.root_id = $1 and image.path = fault.path)
            order by 1
            """);
        command.Parameters.Add(new() { Value = root.Value });
        command.Parameters.Add(new() { Value = spaceId });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            yield return new KnownFile(
                reader.GetString(0), reader.GetInt64(1), reader.GetFieldValue<DateTimeOffset>(2),
                reader.IsDBNull(3) ? null : reader.GetString(3), reader.GetBoolean(4), reader.GetBoolean(5));
        }
    }

    /// <summary>
    /// Adds or replaces images with their vectors by binary COPY, in one transaction that also appends to the change log and clears
    /// faults and missing marks of those paths. Two entries with one path in a batch are an error.
    /// </summary>
    public async Task AddAsync(IReadOnlyList<NewImage> images, CancellationToken cancellationToken)
    {
        if (images.Count == 0)
        {
            return;
        }

        var spaces = new Dictionary<EmbeddingSpace, int>();
        foreach (var space in images.Select(i => i.Embedding.Space).Distinct())
        {
            spaces.Add(space, await SpaceIdAsync(space, cancellationToken));
        }

        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await ExecuteAsync(connection, """
            create temporary table incoming (
                root_id bigint, path text collate "C", sha256 bytea, bytes bigint, modified_at timestamptz, format text, width integer,
                height integer, orientation smallint, taken_at timestamptz, camera text, latitude double precision,
                longitude double precision, caption text, provenance text, space_id integer, vector bytea) on commit drop
            """, cancellationToken);
        await CopyAsync(connection, images, spaces, cancellationToken);
        await MergeAsync(connection, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>The embedding of some image with these bytes in this space, so that an exact duplicate is not embedded twice.</summary>
    /// <returns>By lower-case hexadecimal SHA-256; hashes without an embedding are absent.</returns>
    public async Task<IReadOnlyDictionary<string, Embedding>> FindEmbeddingsBySha256Async(
        IReadOnlyList<byte[]> hashes, EmbeddingSpace space, CancellationToken cancellationToken)
    {
        var spaceId = await SpaceIdAsync(space, cancellationToken);
        await using var command = dataSource.CreateCommand("""
            select distinct on (sha256) sha256, vector
            from image join embedding on image_id = image.id and space_id = $2
            where sha256 = any($1)
            order by sha256, image.id
            """);
        command.Parameters.Add(new() { Value = hashes.ToArray() });
        command.Parameters.Add(new() { Value = spaceId });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var found = new Dictionary<string, Embedding>();
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(
                Convert.ToHexStringLower(reader.GetFieldValue<byte[]>(0)),
                Embedding.Normalize(space, MemoryMarshal.Cast<byte, float>(reader.GetFieldValue<byte[]>(1))));
        }

        return found;
    }

    /// <summary>Marks images that vanished (they leave the index, their rows stay) and forgets faults of files that are gone.</summary>
    public async Task MarkMissingAsync(RootId root, IReadOnlyList<string> paths, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await HideAsync(connection, root, paths, cancellationToken);
        await using var forget = new NpgsqlCommand("delete from file_fault where root_id = $1 and path = any($2)", connection);
        forget.Parameters.Add(new() { Value = root.Value });
        forget.Parameters.Add(new() { Value = paths.ToArray() });
        await forget.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private static async Task CopyAsync(
        NpgsqlConnection connection, IReadOnlyList<NewImage> images, Dictionary<EmbeddingSpace, int> spaces,
            CancellationToken cancellationToken)
    {
        await using var copy = await connection.BeginBinaryImportAsync("copy incoming from stdin (format binary)", cancellationToken);
        foreach (var image in images)
        {
            var metadata = image.Metadata;
            await copy.StartRowAsync(cancellationToken);
            await copy.WriteAsync(image.Root.Value, cancellationToken);
            await copy.WriteAsync(image.Path, cancellationToken);
            await copy.WriteAsync(image.Sha256, cancellationToken);
            await copy.WriteAsync(image.Bytes, cancellationToken);
            await copy.WriteAsync(image.ModifiedAt.ToUniversalTime(), NpgsqlDbType.TimestampTz, cancellationToken);
            await copy.WriteAsync(metadata.Format, cancellationToken);
            await copy.WriteAsync(metadata.Width, cancellationToken);
            await copy.WriteAsync(metadata.Height, cancellationToken);
            await copy.WriteAsync((short)metadata.Orientation, cancellationToken);
            await WriteAsync(copy, metadata.TakenAt?.ToUniversalTime(), cancellationToken);
            await WriteAsync(copy, Storable(metadata.Camera), cancellationToken);
            await WriteAsync(copy, metadata.Latitude, cancellationToken);
            await WriteAsync(copy, metadata.Longitude, cancellationToken);
            await WriteAsync(copy, Storable(image.Caption), cancellationToken);
            await copy.WriteAsync(NameOf(image.Provenance), cancellationToken);
            await copy.WriteAsync(spaces[image.Embedding.Space], cancellationToken);
            await copy.WriteAsync(MemoryMarshal.AsBytes(image.Embedding.Values).ToArray(), cancellationToken);
        }

        await copy.CompleteAsync(cancellationToken);
    }

    private static Task WriteAsync<T>(NpgsqlBinaryImporter copy, T? value, CancellationToken cancellationToken)
        where T : struct =>
        value is { } given ? copy.WriteAsync(given, cancellationToken) : copy.WriteNullAsync(cancellationToken);

    private static Task WriteAsync(NpgsqlBinaryImporter copy, string? value, CancellationToken cancellationToken) =>
        value is null ? copy.WriteNullAsync(cancellationToken) : copy.WriteAsync(value, cancellationToken);

    private async Task MergeAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await ExecuteAsync(connection, LockChanges, cancellationToken);

        // Other models' vectors of a file whose bytes changed show a picture that is no more.
        await ExecuteAsync(connection, """
            with stale as (
                delete from embedding using image, incoming
                where embedding.image_id = image.id and image.root_id = incoming.root_id and image.path = incoming.path
                  and image.sha256 <> incoming.sha256 and embedding.space_id <> incoming.space_id
                returning embedding.space_id, embedding.image_id)
            insert into change (space_id, image_id) select space_id, image_id from stale
            """, cancellationToken);
        await using (var merge = new NpgsqlCommand("""
            insert into image (root_id, path, sha256, bytes, modified_at, format, width, height, orientation, taken_at, camera, latitude,
                               longitude, caption, provenance, added_at)
            select root_id, path, sha256, bytes, modified_at, format, width, height, orientation, taken_at, camera, latitude,
                   longitude, caption, provenance, $1
            from incoming order by root_id, path
            on conflict (root_id, path) do update set
                sha256 = excluded.sha256, bytes = excluded.bytes, modified_at = excluded.modified_at, format = excluded.format,
                width = excluded.width, height = excluded.height, orientation = excluded.orientation, taken_at = excluded.taken_at,
                camera = excluded.camera, latitude = excluded.latitude, longitude = excluded.longitude, caption = excluded.caption,
                provenance = excluded.provenance, missing_since = null
            """, connection))
        {
            merge.Parameters.Add(new() { Value = time.GetUtcNow() });
            await merge.ExecuteNonQueryAsync(cancellationToken);
        }

        await ExecuteAsync(connection, """
            insert into embedding (space_id, image_id, vector)
            select incoming.space_id, image.id, incoming.vector from incoming join image using (root_id, path)
            on conflict (space_id, image_id) do update set vector = excluded.vector
            """, cancellationToken);

        // Every space: an image that was missing returns to all that still hold its vector.
        await ExecuteAsync(connection, """
            insert into change (space_id, image_id)
            select embedding.space_id, image_id from incoming join image using (root_id, path) join embedding on image_id = image.id
            """, cancellationToken);
        await ExecuteAsync(connection, """
            delete from file_fault using incoming where file_fault.root_id = incoming.root_id and file_fault.path = incoming.path
            """, cancellationToken);
        await ExecuteAsync(connection, Notify, cancellationToken);
    }

    // Takes images out of the index and marks them missing; their rows stay.
    private async Task HideAsync(NpgsqlConnection connection, RootId root, IReadOnlyList<string> paths, CancellationToken cancellationToken)
    {
        await ExecuteAsync(connection, LockChanges, cancellationToken);
        await using var hide = new NpgsqlCommand("""
            with gone as (
                update image set missing_since = $3 where root_id = $1 and path = any($2) and missing_since is null
                returning id)
            insert into change (space_id, image_id) select space_id, image_id from embedding join gone on gone.id = image_id
            """, connection);
        hide.Parameters.Add(new() { Value = root.Value });
        hide.Parameters.Add(new() { Value = paths.ToArray() });
        hide.Parameters.Add(new() { Value = time.GetUtcNow() });
        await hide.ExecuteNonQueryAsync(cancellationToken);
        await ExecuteAsync(connection, Notify, cancellationToken);
    }

    private static string NameOf(Provenance provenance) => provenance == Provenance.Generated ? "generated" : "collected";

    // PostgreSQL's text holds neither NUL nor half a surrogate pair; files say both.
    private static string? Storable(string? text) =>
        text is null || (!text.Contains('\0') && IsWellFormed(text))
            ? text
            : string.Concat(text.EnumerateRunes().Where(r => r.Value != 0).Select(r => r.ToString()));

    private static bool IsWellFormed(string text)
    {
        for (var rest = text.AsSpan(); !rest.IsEmpty;)
        {
            if (Rune.DecodeFromUtf16(rest, out _, out var length) != System.Buffers.OperationStatus.Done)
            {
                return false;
            }

            rest = rest[length..];
        }

        return true;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
