using System.Collections.Concurrent;
using Npgsql;
using Sightline.Models;

namespace Sightline.Search;

/// <summary>All SQL for roots, images, vectors and faults. Thread-safe; each method is one statement or one transaction.</summary>
public sealed partial class Catalog(NpgsqlDataSource dataSource, TimeProvider time)
{
    private readonly ConcurrentDictionary<EmbeddingSpace, int> _spaceIds = new();

    /// <summary>Registers a folder, or updates its exclusion patterns. The path must be absolute and free of links.</summary>
    public async Task<RootFolder> AddRootAsync(string path, IReadOnlyList<string> exclude, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("""
            insert into root (path, exclude, added_at) values ($1, $2, $3)
            on conflict (path) do update set exclude = excluded.exclude
            returning id
            """);
        command.Parameters.Add(new() { Value = path });
        command.Parameters.Add(new() { Value = exclude.ToArray() });
        command.Parameters.Add(new() { Value = time.GetUtcNow() });
        return new RootFolder(new RootId((long)(await command.ExecuteScalarAsync(cancellationToken))!), path, exclude);
    }

    public async Task<IReadOnlyList<RootFolder>> ReadRootsAsync(CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("select id, path, exclude from root order by path");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var roots = new List<RootFolder>();
        while (await reader.ReadAsync(cancellationToken))
        {
            roots.Add(new RootFolder(new RootId(reader.GetInt64(0)), reader.GetString(1), reader.GetFieldValue<string[]>(2)));
        }

        return roots;
    }

    /// <param name="space">Counts vectors of this space; null: of any.</param>
    /// <param name="cancellationToken">Stops the count.</param>
    public async Task<CatalogStatus> ReadStatusAsync(EmbeddingSpace? space, CancellationToken cancellationToken)
    {
        var spaceId = space is null ? (int?)null : await SpaceIdAsync(space, cancellationToken);
        await using var command = dataSource.CreateCommand("""
            select count(*) filter (where missing_since is null),
                   count(*) filter (where missing_since is not null),
                   count(*) filter (where missing_since is null) - count(distinct sha256) filter (where missing_since is null),
                   (select count(*) from file_fault),
                   (select count(*) from embedding join image on image.id = image_id
                    where missing_since is null and ($1::integer is null or space_id = $1)),
                   pg_database_size(current_database())
            from image
            """);
        command.Parameters.Add(new NpgsqlParameter<int?> { TypedValue = spaceId });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new CatalogStatus(
            reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetInt64(4), reader.GetInt64(5));
    }

    private async Task<int> SpaceIdAsync(EmbeddingSpace space, CancellationToken cancellationToken)
    {
        if (_spaceIds.TryGetValue(space, out var known))
        {
            return known;
        }

        // The update changes nothing; it makes the row visible to "returning" when another writer was first.
        await using var command = dataSource.CreateCommand("""
            insert into embedding_space (model, digest, dimensions, created_at) values ($1, $2, $3, $4)
            on conflict (model, digest, dimensions) do update set model = excluded.model
            returning id
            """);
        command.Parameters.Add(new() { Value = space.Model });
        command.Parameters.Add(new() { Value = space.Digest });
        command.Parameters.Add(new() { Value = space.Dimensions });
        command.Parameters.Add(new() { Value = time.GetUtcNow() });
        return _spaceIds[space] = (int)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
