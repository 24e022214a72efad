-- Who may use the server from elsewhere. The secret is not here: a key is 256 random bits, so its plain SHA-256 cannot be turned back.
create table api_key (
    id bigint generated always as identity primary key,
    name text not null check (name <> ''),
    prefix text not null,
    digest bytea not null unique check (octet_length(digest) = 32),
    scope text not null check (scope in ('read', 'write', 'admin')),
    created_at timestamptz not null,
    expires_at timestamptz,
    revoked_at timestamptz,
    last_used_at timestamptz
);

create unique index api_key_name on api_key (name) where revoked_at is null;
