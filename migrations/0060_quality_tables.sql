-- Rules of a resource, runs over its rows, and the complete list of what failed.

CREATE SCHEMA quality;

-- Own rules and changed severities of derived ones; the derived rules themselves follow from the items.
CREATE TABLE quality.rule_set (
    ref        text PRIMARY KEY,
    rules      jsonb NOT NULL,
    updated_by text NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE quality.run (
    id           uuid PRIMARY KEY,      -- the job's id
    ref          text NOT NULL,
    organization text NOT NULL,
    state        text NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed')),
    load         bigint,                -- of the rows that were judged
    score        double precision,      -- NULL: nothing could be judged
    grade        text NOT NULL DEFAULT '',
    capped       boolean NOT NULL DEFAULT false,
    row_count    bigint NOT NULL DEFAULT 0,
    bad_rows     bigint NOT NULL DEFAULT 0,
    report       jsonb NOT NULL DEFAULT '{"dimensions": [], "rules": []}',
    created_by   text NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    finished_at  timestamptz
);
CREATE INDEX ON quality.run (ref, id);

-- A rule judges at most one element a row.
CREATE TABLE quality.failure (
    run_id    uuid NOT NULL,
    rule      text NOT NULL,
    row_id    bigint NOT NULL,  -- _id in the stored table
    line      bigint,           -- in the source file
    dimension text NOT NULL,
    scored    boolean NOT NULL, -- false: a hint
    item      text NOT NULL,
    value     text,
    code      text NOT NULL,
    reason_zh text NOT NULL,
    reason_en text NOT NULL,
    PRIMARY KEY (run_id, rule, row_id)
);
