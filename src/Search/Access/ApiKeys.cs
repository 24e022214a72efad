using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace Sightline.Search;

/// <summary>All SQL for keys. Thread-safe; what is revoked is refused from the next request on, as every request asks.</summary>
public sealed class ApiKeys(NpgsqlDataSource dataSource, TimeProvider time)
{
    private const string SecretPrefix = "sl_";
    private const int SecretBytes = 32;
    private const int ShownCharacters = 9;
    private const int LongestName = 100;

    private const string Columns = "id, name, prefix, scope, created_at, expires_at, revoked_at, last_used_at, encode(digest, 'hex')";

    /// <returns>The key and its secret, which is nowhere else.</returns>
    /// <exception cref="ArgumentException">The name is empty, too long or taken.</exception>
    public async Task<(ApiKey Key, string Secret)> CreateAsync(
        string name, AccessScope scope, TimeSpan? lifetime, CancellationToken cancellationToken)
    {
        name = name.Trim();
        if (name.Length is 0 or > LongestName || name.Any(char.IsControl))
        {
            throw new ArgumentException($"The name of a key has 1 to {LongestName} characters.");
        }

        var secret = SecretPrefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes));
        await using var command = dataSource.CreateCommand($"""
            insert into api_key (name, prefix, digest, scope, created_at, expires_at) values ($1, $2, $3, $4, $5, $6) returning {Columns}
            """);
        command.Parameters.Add(new() { Value = name });
        command.Parameters.Add(new() { Value = secret[..ShownCharacters] });
        command.Parameters.Add(new() { Value = DigestOf(secret) });
        command.Parameters.Add(new() { Value = scope.ToString().ToLowerInvariant() });
        command.Parameters.Add(new() { Value = time.GetUtcNow() });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset?> { TypedValue = lifetime is { } life ? time.GetUtcNow() + life : null });
        try
        {
            return ((await ReadAsync(command, cancellationToken))[0], secret);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            throw new ArgumentException($"There is a key {name} already; revoke it first or take another name.");
        }
    }

    /// <summary>Newest first, revoked ones included.</summary>
    public async Task<IReadOnlyList<ApiKey>> ListAsync(CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand($"select {Columns} from api_key order by id desc");
        return await ReadAsync(command, cancellationToken);
    }

    /// <summary>The active key with this secret; null where there is none.</summary>
    public async Task<ApiKey?> FindAsync(string secret, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand($"select {Columns} from api_key where digest = $1");
        command.Parameters.Add(new() { Value = DigestOf(secret) });
        return (await ReadAsync(command, cancellationToken)).SingleOrDefault(key => key.IsActive(time.GetUtcNow()));
    }

    /// <summary>The active key with this number and digest; null where there is none.</summary>
    public async Task<ApiKey?> FindAsync(long id, string digest, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand($"select {Columns} from api_key where id = $1");
        command.Parameters.Add(new() { Value = id });
        return (await ReadAsync(command, cancellationToken)).SingleOrDefault(key => key.Digest == digest && key.IsActive(time.GetUtcNow()));
    }

    /// <summary>Notes that a key was used, at most once a minute.</summary>
    public async Task TouchAsync(ApiKey key, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (key.LastUsedAt is { } last && now - last < TimeSpan.FromMinutes(1))
        {
            return;
        }

        await using var command = dataSource.CreateCommand("update api_key set last_used_at = $2 where id = $1 and (last_used_at is null or last_used_at < $2 - interval '1 minute')");
        command.Parameters.Add(new() { Value = key.Id });
        command.Parameters.Add(new() { Value = now });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <param name="nameOrId">Of an active key; the name goes before another's number.</param>
    /// <returns>There was one.</returns>
    public async Task<bool> RevokeAsync(string nameOrId, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            """
            update api_key set revoked_at = $2
            where id = (select id from api_key where (name = $1 or id::text = $1) and revoked_at is null order by name = $1 desc limit 1)
            """);
        command.Parameters.Add(new() { Value = nameOrId });
        command.Parameters.Add(new() { Value = time.GetUtcNow() });
        return await command.ExecuteNonQueryAsync(cancellationToken) > 0;
    }

    private static byte[] DigestOf(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));

    private static async Task<List<ApiKey>> ReadAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var keys = new List<ApiKey>();
        while (await reader.ReadAsync(cancellationToken))
        {
            keys.Add(new ApiKey(
                reader.GetInt64(0), reader.GetString(1), reader.GetString(2), Enum.Parse<AccessScope>(reader.GetString(3), ignoreCase: true),
                reader.GetFieldValue<DateTimeOffset>(4), DateAt(5), DateAt(6), DateAt(7), reader.GetString(8)));
        }

        return keys;

        DateTimeOffset? DateAt(int column) => reader.IsDBNull(column) ? null : reader.GetFieldValue<DateTimeOffset>(column);
    }
}
