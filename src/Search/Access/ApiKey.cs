namespace Sightline.Search;

/// <summary>What a key may do; each scope holds those before it.</summary>
public enum AccessScope
{
    /// <summary>Search, look and embed.</summary>
    Read,

    /// <summary>Tags, albums, jobs, putting aside.</summary>
    Write,

    /// <summary>Everything, keys included.</summary>
    Admin,
}

/// <param name="Prefix">The first characters of the secret, to recognise it by.</param>
/// <param name="LastUsedAt">Within a minute.</param>
/// <param name="Digest">SHA-256 of the secret, lower-case hexadecimal.</param>
public sealed record ApiKey(
    long Id, string Name, string Prefix, AccessScope Scope, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, DateTimeOffset? RevokedAt,
    DateTimeOffset? LastUsedAt, string Digest)
{
    public bool IsActive(DateTimeOffset now) => RevokedAt is null && (ExpiresAt is null || ExpiresAt > now);
}
