-- What workers elsewhere claim, in their order.
create index job_part_shared on job_part (model_digest, id) where done_at is null and not own_only;
