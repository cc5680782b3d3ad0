-- What a pack said last, so that a change made by people shows as theirs; the pack as a whole, so that a start
-- with the same files has nothing to do; and where a year's calendar comes from.

ALTER TABLE packs.applied ADD COLUMN content jsonb;
CREATE INDEX applied_pack ON packs.applied (pack);

CREATE TABLE packs.pack (
    name       text PRIMARY KEY,
    digest     text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE packs.year (
    year   int PRIMARY KEY,
    source text NOT NULL
);
