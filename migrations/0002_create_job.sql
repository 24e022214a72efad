-- Work that outlives a request: claimed with FOR UPDATE SKIP LOCKED under a lease that a dead worker loses.
create table job (
    id bigint generated always as identity primary key,
    kind text not null,
    arguments jsonb not null,
    state text not null default 'queued' check (state in ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
    progress jsonb,
    summary text,
    error text,
    cancel_requested boolean not null default false,
    worker text,
    lease_until timestamptz,
    created_at timestamptz not null,
    started_at timestamptz,
    finished_at timestamptz
);

create index job_open on job (id) where state in ('queued', 'running');
