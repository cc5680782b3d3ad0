-- The queue of long work. A row is held by a lease; its token changes with every start, so that a worker
-- that lost its lease cannot write (fencing).

CREATE SCHEMA jobs;

CREATE TABLE jobs.job (
    id               uuid PRIMARY KEY,
    kind             text NOT NULL,
    organization     text NOT NULL,
    object           text NOT NULL,
    payload          jsonb,
    unique_key       text NOT NULL,
    priority         integer NOT NULL,
    state            text NOT NULL DEFAULT 'queued'
                     CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled', 'dead')),
    run_at           timestamptz NOT NULL DEFAULT now(),  -- not before; moves with each retry
    attempt          integer NOT NULL DEFAULT 0,
    attempt_max      integer NOT NULL DEFAULT 5,
    lease_token      uuid,
    lease_until      timestamptz,
    worker           text NOT NULL DEFAULT '',
    cancel_requested boolean NOT NULL DEFAULT false,
    stage            text NOT NULL DEFAULT '',
    done             bigint NOT NULL DEFAULT 0,
    total            bigint NOT NULL DEFAULT 0,
    rate             double precision NOT NULL DEFAULT 0,
    result           jsonb,
    error_zh         text NOT NULL DEFAULT '',
    error_en         text NOT NULL DEFAULT '',
    created_by       text NOT NULL,       -- account id, empty for the system
    created_at       timestamptz NOT NULL DEFAULT now(),
    started_at       timestamptz,
    finished_at      timestamptz,
    CHECK ((state = 'running') = (lease_token IS NOT NULL)),
    CHECK ((state = 'running') = (lease_until IS NOT NULL))
);
CREATE UNIQUE INDEX job_live_key ON jobs.job (unique_key)
    WHERE unique_key <> '' AND state IN ('queued', 'running');
CREATE INDEX ON jobs.job (priority DESC, created_at) WHERE state = 'queued';
CREATE INDEX ON jobs.job (lease_until) WHERE state = 'running';
CREATE INDEX ON jobs.job (object, kind, id);
CREATE INDEX ON jobs.job (organization, id);

-- progress() rewrites a row twice a second.
ALTER TABLE jobs.job SET (fillfactor = 50);

-- A job as jobs::Job reads it.
CREATE VIEW jobs.shown AS
    SELECT id, kind, organization, object, state, payload, result, error_zh, error_en, done, total, stage, rate,
           attempt, base.rfc3339(created_at) AS created_at, coalesce(base.rfc3339(started_at), '') AS started_at,
           coalesce(base.rfc3339(finished_at), '') AS finished_at
      FROM jobs.job;
