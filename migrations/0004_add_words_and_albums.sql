-- The words of a file's name, folder and caption, for the box that matches both what a picture shows and what it is called.
-- Punctuation, which names are full of, separates words; 'simple' leaves words of every language as they are.
alter table image add column words tsvector generated always as (
    to_tsvector('simple', translate(path, '/\_-.,;:()[]{}+&~#@!''"=', '                        ') || ' '
        || translate(coalesce(caption, ''), '/\_-.,;:()[]{}+&~#@!''"=', '                        '))) stored;
create index image_words on image using gin (words);

-- Put aside by a person, such as the lesser of two duplicates: not searched and not shown, nothing else changes.
alter table image add column hidden_at timestamptz;

drop index image_newest;
create index image_newest on image (shown_at desc, id) where missing_since is null and hidden_at is null;

-- Searches that somebody keeps: the query part of the page's address, so that an album is a link.
create table album (
    id bigint generated always as identity primary key,
    name text not null unique check (name <> ''),
    query text not null,
    created_at timestamptz not null
);
