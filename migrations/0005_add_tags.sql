-- Labels that pictures are sorted by. A label is found by its prompts, put into the set's templates; a person's words, not a model's.
create table label_set (
    id bigint generated always as identity primary key,
    name text not null unique check (name <> ''),
    templates text[] not null,
    changed_at timestamptz not null
);

create table label (
    set_id bigint not null references label_set on delete cascade,
    position integer not null,
    name text not null check (name <> ''),
    prompts text[] not null,
    -- The least probability of a tag; null: the job's.
    threshold double precision check (threshold between 0 and 1),
    primary key (set_id, name)
);

create table tag (
    id bigint generated always as identity primary key,
    name text not null unique check (name <> '')
);

-- Who says so stays with the tag: a model's is withdrawn when its threshold tightens, a person's never; what a person rejected does not
-- come back.
create table image_tag (
    image_id bigint not null references image on delete cascade,
    tag_id bigint not null references tag,
    state text not null check (state in ('suggested', 'accepted', 'rejected')),
    by_person boolean not null,
    -- Of the model's suggestion, kept when a person accepts or rejects it: probability, threshold, and what gave them.
    score real check (score between 0 and 1),
    threshold real,
    typographic boolean not null default false,
    space_id integer references embedding_space,
    label_set text,
    set_at timestamptz not null,
    primary key (image_id, tag_id)
);

create index image_tag_shown on image_tag (tag_id, image_id) where state <> 'rejected';
create index image_tag_review on image_tag (score, image_id, tag_id) where state = 'suggested';

-- How a model's likeness turns into a probability: constants fitted on pictures whose labels are known.
create table tag_calibration (
    space_id integer primary key references embedding_space,
    offset_ double precision not null,
    by_collection double precision not null,
    by_picture double precision not null,
    fitted_on text not null,
    fitted_at timestamptz not null
);
