-- The vector index as it is in memory, so that a start copies instead of building. A segment's memory is cut into pages that each fit a
-- block of PostgreSQL's and carry a CRC-32C; they lie in a table of their own, index_segment_N, written once and dropped when the segment
-- is merged away. What belongs to the index is what this row names, and nothing else: a crash leaves the old row or the new one.
create table index_manifest (
    space_id integer primary key references embedding_space,
    -- Grows when a process becomes the owner; a writer with an older number has been replaced and may not write.
    epoch bigint not null,
    -- The segments hold every change up to this number; what comes later is read from the log.
    change_number bigint not null,
    -- The log has no changes of this space up to this number any more.
    pruned_to bigint not null default 0,
    segments bigint[] not null default '{}',
    -- For each segment one bit for each of its rows, least significant first: the row is gone.
    deleted bytea[] not null default '{}'
);

create sequence index_segment_number;

create index change_space on change (space_id, number);

-- An image's vectors in all spaces: without it every batch that is added reads the whole primary key for each of its images.
create index embedding_image on embedding (image_id);
