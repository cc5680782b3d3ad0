-- Fair shares: of the departments that wait, the one with least at work goes first, and of those the one that
-- was served longest ago. What a schedule fired carries its name and when it was due.

CREATE TABLE jobs.turn (
    organization text PRIMARY KEY,
    served_at    timestamptz NOT NULL
);

ALTER TABLE jobs.job ADD COLUMN schedule text NOT NULL DEFAULT '', ADD COLUMN due_at timestamptz;

-- Several processes look at the same clock: one firing, one job.
CREATE UNIQUE INDEX job_firing ON jobs.job (schedule, due_at) WHERE due_at IS NOT NULL;

DROP INDEX jobs.job_priority_created_at_idx;
CREATE INDEX job_waiting ON jobs.job (organization, priority DESC, created_at) WHERE state = 'queued';
CREATE INDEX job_given_up ON jobs.job (id) WHERE state = 'dead';
CREATE INDEX job_ended ON jobs.job (finished_at) WHERE finished_at IS NOT NULL;

CREATE OR REPLACE VIEW jobs.shown AS
    SELECT id, kind, organization, object, state, payload, result, error_zh, error_en, done, total, stage, rate,
           attempt, base.rfc3339(created_at) AS created_at, coalesce(base.rfc3339(started_at), '') AS started_at,
           coalesce(base.rfc3339(finished_at), '') AS finished_at, priority, schedule,
           coalesce(base.rfc3339(due_at), '') AS due_at, base.rfc3339(run_at) AS run_at
      FROM jobs.job;
