-- Work that the clock starts. Any process may fire a schedule: its row is locked, and the job's (schedule,
-- due_at) is unique.

-- Kinds of job that a schedule may start; what they need to know is the object alone.
CREATE TABLE jobs.schedulable (
    kind         text PRIMARY KEY,
    needs_object boolean NOT NULL,
    title_zh     text NOT NULL,
    title_en     text NOT NULL
);
INSERT INTO jobs.schedulable VALUES
    ('app.housekeeping', false, '日常清理', 'Housekeeping'),
    ('quality.nightly', false, '全部资源质量检查', 'Quality runs of every resource'),
    ('quality.run', true, '一个资源质量检查', 'Quality run of one resource');

CREATE TABLE jobs.schedule (
    code         text PRIMARY KEY CHECK (code ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
    title        text NOT NULL CHECK (title <> ''),
    kind         text NOT NULL REFERENCES jobs.schedulable,
    organization text NOT NULL,
    object       text NOT NULL,
    cron         text NOT NULL,
    days         text NOT NULL CHECK (days IN ('any', 'working', 'nth_working', 'last_working')),
    nth          integer NOT NULL CHECK (nth BETWEEN 0 AND 23),
    missed       text NOT NULL CHECK (missed IN ('skip', 'run_once', 'run_all')),
    missed_max   integer NOT NULL CHECK (missed_max BETWEEN 1 AND 100),
    paused       boolean NOT NULL DEFAULT false,
    next_due     timestamptz,      -- NULL: not worked out yet, or never again
    last_due     timestamptz,
    last_job     uuid,
    version      bigint NOT NULL DEFAULT 1,
    created_by   text NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    CHECK ((days = 'nth_working') = (nth > 0))
);
CREATE INDEX schedule_due ON jobs.schedule (next_due) WHERE NOT paused;

INSERT INTO jobs.schedule (code, title, kind, organization, object, cron, days, nth, missed, missed_max,
                           created_by)
VALUES ('housekeeping', '日常清理', 'app.housekeeping', '', '', '10 3 * * *', 'any', 0, 'run_once', 1, ''),
       ('nightly-quality', '夜间质量检查', 'quality.nightly', '', '', '0 2 * * *', 'working', 0, 'skip', 1, '');
