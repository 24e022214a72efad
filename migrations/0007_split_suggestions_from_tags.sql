-- What models suggest and what people say, apart: two label sets may suggest the same tag, and a person's word outlives every model.
create table tag_suggestion (
    image_id bigint not null references image on delete cascade,
    tag_id bigint not null references tag,
    -- A set that is forgotten takes its suggestions along.
    set_id bigint not null references label_set on delete cascade,
    score real not null check (score between 0 and 1),
    threshold real not null,
    typographic boolean not null,
    space_id integer not null references embedding_space,
    -- The job that made it; its row may be gone.
    job_id bigint,
    -- A person has said whether the image has the tag. Only for the indexes: a word that was given while a job wrote is in image_tag alone.
    decided boolean not null default false,
    set_at timestamptz not null,
    primary key (image_id, tag_id, set_id)
);

insert into tag_suggestion (image_id, tag_id, set_id, score, threshold, typographic, space_id, decided, set_at)
select image_id, tag_id, label_set.id, score, threshold, typographic, space_id, state <> 'suggested', set_at
from image_tag join label_set on label_set.name = label_set
where score is not null and threshold is not null and space_id is not null;

delete from image_tag where state = 'suggested';
drop index image_tag_review;
drop index image_tag_shown;
alter table image_tag
    drop constraint image_tag_state_check,
    drop column by_person, drop column score, drop column threshold, drop column typographic, drop column space_id, drop column label_set;
alter table image_tag add check (state in ('accepted', 'rejected'));

create index image_tag_shown on image_tag (tag_id, image_id) where state = 'accepted';
create index tag_suggestion_shown on tag_suggestion (tag_id, image_id) where not decided;
-- The review queue: nearest to its threshold first.
create index tag_suggestion_review on tag_suggestion ((score - threshold), image_id, tag_id, set_id) where not decided;
create index tag_suggestion_review_tag on tag_suggestion (tag_id, (score - threshold), image_id, set_id) where not decided;
create index tag_suggestion_set on tag_suggestion (set_id, tag_id);

-- The tags that images have.
create view shown_tag as
select image_id, tag_id, false as suggested from image_tag where state = 'accepted'
union all
select image_id, tag_id, true from tag_suggestion
where not decided
  and not exists (select from image_tag where image_tag.image_id = tag_suggestion.image_id and image_tag.tag_id = tag_suggestion.tag_id);
