using Npgsql;

namespace Sightline.Search;

/// <summary>A search that somebody keeps.</summary>
/// <param name="Query">The query part of the page's address.</param>
public sealed record Album(long Id, string Name, string Query, DateTimeOffset CreatedAt);

// Saved searches.
public sealed partial class Catalog
{
    /// <summary>By name.</summary>
    public async Task<IReadOnlyList<Album>> ReadAlbumsAsync(CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("select id, name, query, created_at from album order by lower(name), id");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var albums = new List<Album>();
        while (await reader.ReadAsync(cancellationToken))
        {
            albums.Add(ReadAlbum(reader));
        }

        return albums;
    }

    /// <summary>Adds an album, or gives the one of this name another query.</summary>
    public async Task<Album> SaveAlbumAsync(string name, string query, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("""
            insert into album (name, query, created_at) values ($1, $2, $3)
            on conflict (name) do update set query = excluded.query
            returning id, name, query, created_at
            """);
        command.Parameters.Add(new() { Value = name });
        command.Parameters.Add(new() { Value = query });
        command.Parameters.Add(new() { Value = time.GetUtcNow() });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return ReadAlbum(reader);
    }

    /// <returns>There was one.</returns>
    public async Task<bool> DeleteAlbumAsync(long id, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("delete from album where id = $1");
        command.Parameters.Add(new() { Value = id });
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    private static Album ReadAlbum(NpgsqlDataReader reader) =>
        new(reader.GetInt64(0), reader.GetString(1), reader.GetString(2), reader.GetFieldValue<DateTimeOffset>(3));
}
