-- Folders that are indexed. Nothing outside them is read or served.
create table root (
    id bigint generated always as identity primary key,
    path text collate "C" not null unique,
    exclude text[] not null default '{}',
    added_at timestamptz not null default now()
);

-- What makes two vectors comparable. Two spaces never meet.
create table embedding_space (
    id integer generated always as identity primary key,
    model text not null,
    digest text not null,
    dimensions integer not null check (dimensions > 0),
    created_at timestamptz not null default now(),
    unique (model, digest, dimensions)
);

create table image (
    id bigint generated always as identity primary key,
    root_id bigint not null references root,
    path text collate "C" not null,
    sha256 bytea not null check (octet_length(sha256) = 32),
    bytes bigint not null check (bytes >= 0),
    modified_at timestamptz not null,
    format text not null,
    width integer not null check (width > 0),
    height integer not null check (height > 0),
    orientation smallint not null check (orientation between 1 and 8),
    taken_at timestamptz,
    camera text,
    latitude double precision check (latitude between -90 and 90),
    longitude double precision check (longitude between -180 and 180),
    caption text,
    provenance text not null check (provenance in ('collected', 'generated')),
    added_at timestamptz not null,
    missing_since timestamptz,
    shown_at timestamptz not null generated always as (coalesce(taken_at, modified_at)) stored,
    unique (root_id, path)
);

-- The page without a query shows the newest; duplicates and re-used embeddings are found by their bytes.
create index image_newest on image (shown_at desc, id desc) where missing_since is null;
create index image_sha256 on image (sha256);

-- Little-endian float32, one after the other: COPY and the load at start move it without touching a component,
-- where real[] would spend a length word and a byte swap on each.
create table embedding (
    space_id integer not null references embedding_space,
    image_id bigint not null references image on delete cascade,
    vector bytea not null,
    primary key (space_id, image_id)
);

-- Every insert, update and delete that an index must follow. Numbers are drawn under an advisory lock that is held until commit,
-- so they follow commits: whoever has read up to N misses nothing below N. A row says which image to look at again, not what to do.
create table change (
    number bigint generated always as identity primary key,
    space_id integer not null references embedding_space,
    image_id bigint not null
);

create table file_fault (
    root_id bigint not null references root,
    path text collate "C" not null,
    bytes bigint not null,
    modified_at timestamptz not null,
    reason text not null,
    detail text not null,
    seen_at timestamptz not null,
    primary key (root_id, path)
);
