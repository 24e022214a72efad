-- Heaps of (image, caption) pairs. The pairs themselves are files in the data folder, numbered by the dataset's id: a row says what they
-- are and how far they are.
create table curation_dataset (
    id bigint generated always as identity primary key,
    name text not null unique check (name <> ''),
    -- What was asked for, as the import reads it.
    source jsonb not null,
    job_id bigint references job on delete set null,
    created_at timestamptz not null,
    -- Set once all pairs are there.
    imported_at timestamptz,
    pairs bigint not null default 0,
    -- What stood where a pair should: counts by reason, and the first of them.
    faults jsonb not null default '{}',
    fault_examples jsonb not null default '[]',
    -- Histograms over all pairs.
    statistics jsonb
);

-- What people said of single pairs; it goes before every run's verdict.
create table curation_decision (
    dataset_id bigint not null references curation_dataset on delete cascade,
    row_number bigint not null check (row_number >= 0),
    keep boolean not null,
    decided_at timestamptz not null,
    primary key (dataset_id, row_number)
);

-- A recipe over a dataset. Verdicts are files in the data folder, numbered by the run's id.
create table curation_run (
    id bigint generated always as identity primary key,
    dataset_id bigint not null references curation_dataset on delete cascade,
    -- As it was written, and with every setting spelt out.
    recipe text not null,
    resolved_recipe jsonb not null,
    -- That relative paths in the recipe start from; null for a recipe from the page, which reads lists only.
    folder text,
    job_id bigint references job on delete set null,
    created_at timestamptz not null,
    finished_at timestamptz,
    -- Funnel, reasons and histograms, once it has ended.
    report jsonb
);

create index curation_run_dataset on curation_run (dataset_id, id);

create table curation_export (
    id bigint generated always as identity primary key,
    run_id bigint not null references curation_run on delete cascade,
    request jsonb not null,
    -- What people had said of single pairs when it began: an export that is killed goes on with the same.
    decisions jsonb not null,
    job_id bigint references job on delete set null,
    created_at timestamptz not null,
    finished_at timestamptz,
    manifest jsonb
);

create index curation_export_run on curation_export (run_id, id);

-- Recipes that somebody keeps, as they were written.
create table curation_recipe (
    name text primary key check (name <> ''),
    recipe text not null,
    saved_at timestamptz not null
);
