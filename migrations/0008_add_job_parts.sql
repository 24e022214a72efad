-- A job cut into parts that several processes share. A part is claimed with FOR UPDATE SKIP LOCKED under a lease that a dead worker loses.
create table job_part (
    id bigint generated always as identity primary key,
    job_id bigint not null references job on delete cascade,
    root_id bigint not null references root on delete cascade,
    -- Of the weights: a worker with another model must not take it.
    model_digest text not null,
    work jsonb not null,
    -- Files that a worker elsewhere did not find: the job's own process says what has become of them.
    own_only boolean not null default false,
    worker text,
    lease_until timestamptz,
    -- Outcomes by name, once it is done.
    counts jsonb,
    done_at timestamptz
);

create index job_part_open on job_part (job_id, id) where done_at is null;
create index job_part_job on job_part (job_id);
