using System.Runtime.CompilerServices;
using Npgsql;
using NpgsqlTypes;

namespace Sightline.Search;

// Files and folders that gave no picture.
public sealed partial class Catalog
{
    /// <summary>Records files that gave no picture; an image known at that path is removed from the index and marked missing.</summary>
    public async Task RecordFaultsAsync(IReadOnlyList<FileFault> faults, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        foreach (var group in faults.GroupBy(f => f.Root))
        {
            await HideAsync(connection, group.Key, [.. group.Select(f => f.Path)], cancellationToken);
            await using var record = new NpgsqlCommand("""
                insert into file_fault (root_id, path, bytes, modified_at, reason, detail, seen_at)
                select $1, * from unnest($2, $3, $4, $5, $6, $7)
                on conflict (root_id, path) do update set
                    bytes = excluded.bytes, modified_at = excluded.modified_at, reason = excluded.reason, detail = excluded.detail,
                    seen_at = excluded.seen_at
                """, connection);
            record.Parameters.Add(new() { Value = group.Key.Value });
            record.Parameters.Add(new() { Value = group.Select(f => Storable(f.Path)!).ToArray() });
            record.Parameters.Add(new() { Value = group.Select(f => f.Bytes).ToArray() });
            record.Parameters.Add(
                new() { Value = group.Select(f => f.ModifiedAt.ToUniversalTime()).ToArray(),
                    NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz });
            record.Parameters.Add(new() { Value = group.Select(f => f.Reason).ToArray() });
            record.Parameters.Add(new() { Value = group.Select(f => Storable(f.Detail)!).ToArray() });
            record.Parameters.Add(
                new() { Value = group.Select(f => f.SeenAt.ToUniversalTime()).ToArray(),
                    NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz });
            await record.ExecuteNonQueryAsync(cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Faults of one root, or of all, ordered by root and path.</summary>
    public async IAsyncEnumerable<FileFault> ReadFaultsAsync(RootId? root, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("""
            select root_id, path, bytes, modified_at, reason, detail, seen_at
            from file_fault where $1::bigint is null or root_id = $1
            order by root_id, path
            """);
        command.Parameters.Add(new NpgsqlParameter<long?> { TypedValue = root?.Value });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            yield return new FileFault(
                new RootId(reader.GetInt64(0)), reader.GetString(1), reader.GetInt64(2), reader.GetFieldValue<DateTimeOffset>(3),
                reader.GetString(4), reader.GetString(5), reader.GetFieldValue<DateTimeOffset>(6));
        }
    }
}
