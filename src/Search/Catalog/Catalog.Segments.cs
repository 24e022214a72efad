using System.Globalization;
using Npgsql;
using NpgsqlTypes;
using Sightline.Models;

namespace Sightline.Search;

// The stored index: segments as tables of pages, and the manifest that says which of them count.
public sealed partial class Catalog
{
    private const string SegmentTablePrefix = "index_segment_";

    /// <summary>What the index consists of.</summary>
    /// <param name="Epoch">The owner's number.</param>
    /// <param name="Covers">The segments hold every change up to this number.</param>
    /// <param name="PrunedTo">Changes up to this number are no longer in the log.</param>
    /// <param name="Segments">Numbers of the segments.</param>
    /// <param name="Deleted">For each segment, its <see cref="RowDeletions"/>.</param>
    internal sealed record IndexManifest(long Epoch, long Covers, long PrunedTo, long[] Segments, byte[][] Deleted);

    /// <param name="Segment">The segment; null where it is damaged.</param>
    /// <param name="Damage">What is wrong with it; null where nothing is.</param>
    internal sealed record StoredSegment(SegmentImage? Segment, string? Damage);

    /// <summary>The manifest of a space; an empty one where nothing has been stored.</summary>
    internal async Task<IndexManifest> ReadManifestAsync(EmbeddingSpace space, CancellationToken cancellationToken)
    {
        var spaceId = await SpaceIdAsync(space, cancellationToken);
        await using var command = dataSource.CreateCommand("""
            select epoch, change_number, pruned_to, segments, deleted from index_manifest where space_id = $1
            """);
        command.Parameters.Add(new() { Value = spaceId });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new IndexManifest(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetFieldValue<long[]>(3),
                reader.GetFieldValue<byte[][]>(4))
            : new IndexManifest(0, 0, 0, [], []);
    }

    /// <summary>The number up to which the log of a space has been pruned.</summary>
    internal async Task<long> ReadPrunedToAsync(EmbeddingSpace space, CancellationToken cancellationToken)
    {
        var spaceId = await SpaceIdAsync(space, cancellationToken);
        await using var command = dataSource.CreateCommand("select pruned_to from index_manifest where space_id = $1");
        command.Parameters.Add(new() { Value = spaceId });
        return await command.ExecuteScalarAsync(cancellationToken) as long? ?? 0;
    }

    /// <summary>Makes the caller the owner of a space's stored index as long as this connection lives, if nobody is.</summary>
    /// <returns>The owner's epoch; null where another process owns it.</returns>
    internal async Task<long?> TryOwnIndexAsync(NpgsqlConnection connection, EmbeddingSpace space, CancellationToken cancellationToken)
    {
        var spaceId = await SpaceIdAsync(space, cancellationToken);
        await using var tryLock = new NpgsqlCommand("select pg_try_advisory_lock(6001003, $1)", connection);
        tryLock.Parameters.Add(new() { Value = spaceId });
        if (!(bool)(await tryLock.ExecuteScalarAsync(cancellationToken))!)
        {
            return null;
        }

        await using var own = new NpgsqlCommand("""
            insert into index_manifest (space_id, epoch, change_number) values ($1, 1, 0)
            on conflict (space_id) do update set epoch = index_manifest.epoch + 1
            returning epoch
            """, connection);
        own.Parameters.Add(new() { Value = spaceId });
        return (long)(await own.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>Stores a segment's memory; until a manifest names its number nothing comes of it.</summary>
    internal async Task<long> WriteSegmentAsync(EmbeddingSpace space, SegmentImage segment, CancellationToken cancellationToken)
    {
        var spaceId = await SpaceIdAsync(space, cancellationToken);
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var next = new NpgsqlCommand("select nextval('index_segment_number')", connection);
        var number = (long)(await next.ExecuteScalarAsync(cancellationToken))!;
        var table = TableOf(spaceId, number);

        // Plain: a page stays in its row. Frozen, and never vacuumed: the table is written once.
        await ExecuteAsync(connection, $"""
            create table {table} (number integer not null, checksum integer not null, page bytea not null) with (autovacuum_enabled = false)
            """, cancellationToken);
        await ExecuteAsync(connection, $"alter table {table} alter column page set storage plain", cancellationToken);
        await using (var copy = await connection.BeginRawBinaryCopyAsync(
            $"copy {table} from stdin (format binary, freeze)", cancellationToken))
        {
            await SegmentPages.WriteAsync(segment.Block, copy, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return number;
    }

    /// <summary>Loads a segment and checks every page; damage is a result, for the caller to report and repair.</summary>
    internal async Task<StoredSegment> ReadSegmentAsync(EmbeddingSpace space, long number, CancellationToken cancellationToken)
    {
        var spaceId = await SpaceIdAsync(space, cancellationToken);
        try
        {
            await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
            await using var first = new NpgsqlCommand($"select page from {TableOf(spaceId, number)} where number = 0", connection);
            if (await first.ExecuteScalarAsync(cancellationToken) is not byte[] start)
            {
                return new StoredSegment(null, "its first page is missing");
            }

            if (SegmentImage.ReadShape(start) is not { } shape)
            {
                return new StoredSegment(null, "its header is damaged, or was written by another version");
            }

            var block = new NativeMemoryBlock(SegmentImage.BytesOf(shape));
            await using var copy = await connection.BeginRawBinaryCopyAsync(
                $"copy {TableOf(spaceId, number)} (number, checksum, page) to stdout (format binary)", cancellationToken);
            var damaged = SegmentPages.Read(block, copy, cancellationToken);
            return damaged.Count == 0
                ? new StoredSegment(SegmentImage.Of(shape, block), null)
                : new StoredSegment(null, string.Create(CultureInfo.InvariantCulture,
                    $"{damaged.Count} of {SegmentPages.CountOf(block.Bytes)} pages are missing or do not match their checksum, the first is {damaged[0]}"));
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.DataCorrupted or PostgresErrorCodes.IndexCorrupted
            or PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InternalError or PostgresErrorCodes.IoError)
        {
            return new StoredSegment(null, e.MessageText);
        }
    }

    /// <summary>
    /// Makes these segments the index, in one transaction that also prunes the log up to the manifest before this one: whoever follows the
    /// log is given one generation to catch up.
    /// </summary>
    /// <returns>False where another process has become the owner.</returns>
    internal async Task<bool> WriteManifestAsync(
        EmbeddingSpace space, long epoch, long covers, long[] segments, byte[][] deleted, CancellationToken cancellationToken)
    {
        var spaceId = await SpaceIdAsync(space, cancellationToken);
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var write = new NpgsqlCommand("""
            update index_manifest set pruned_to = change_number, change_number = $3, segments = $4, deleted = $5
            where space_id = $1 and epoch = $2
            returning pruned_to
            """, connection);
        write.Parameters.Add(new() { Value = spaceId });
        write.Parameters.Add(new() { Value = epoch });
        write.Parameters.Add(new() { Value = covers });
        write.Parameters.Add(new() { Value = segments });
        write.Parameters.Add(new() { Value = deleted, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea });
        if (await write.ExecuteScalarAsync(cancellationToken) is not long prunedTo)
        {
            return false;
        }

        await using var prune = new NpgsqlCommand("delete from change where space_id = $1 and number <= $2", connection);
        prune.Parameters.Add(new() { Value = spaceId });
        prune.Parameters.Add(new() { Value = prunedTo });
        await prune.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    /// <summary>Drops the tables of a space's segments that its manifest does not name: merged away, or left by a crash. For the owner
    /// only.</summary>
    /// <param name="written">Segments that the manifest may name soon.</param>
    internal async Task DropUnusedSegmentsAsync(
        EmbeddingSpace space, IReadOnlyCollection<long> written, CancellationToken cancellationToken)
    {
        var spaceId = await SpaceIdAsync(space, cancellationToken);
        var prefix = string.Create(CultureInfo.InvariantCulture, $"{SegmentTablePrefix}{spaceId}_");
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var unused = new List<long>();
        await using (var find = new NpgsqlCommand("""
            select substr(relname, length($1) + 1)::bigint from pg_class
            where relnamespace = current_schema()::regnamespace and relkind = 'r' and relname ~ ('^' || $1 || '[0-9]+$')
            except select unnest(segments) from index_manifest where space_id = $2
            """, connection))
        {
            find.Parameters.Add(new() { Value = prefix });
            find.Parameters.Add(new() { Value = spaceId });
            await using var reader = await find.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                unused.Add(reader.GetInt64(0));
            }
        }

        foreach (var number in unused.Except(written))
        {
            await ExecuteAsync(connection, $"drop table if exists {TableOf(spaceId, number)}", cancellationToken);
        }
    }

    private static string TableOf(int spaceId, long number) =>
        string.Create(CultureInfo.InvariantCulture, $"{SegmentTablePrefix}{spaceId}_{number}");
}
