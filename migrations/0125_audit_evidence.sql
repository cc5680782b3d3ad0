-- Evidence of rows that left, in chains of its writers. One narrow row a delivery: what a caller repeats
-- (who, what, under which grant, which fields) stands once in audit.context.

CREATE TABLE audit.context (
    id             uuid PRIMARY KEY,   -- the first half of the SHA-256 of the canonical bytes of all below
    principal_kind text NOT NULL,
    principal_id   text NOT NULL,
    principal      text NOT NULL,
    organization   text NOT NULL,
    address        text NOT NULL,
    resource       text NOT NULL,
    owner          text NOT NULL,
    grant_id       text NOT NULL,
    channel        text NOT NULL,
    purpose        text NOT NULL,
    fields         text[] NOT NULL
);
CREATE INDEX ON audit.context (resource);
CREATE INDEX ON audit.context (principal);
CREATE INDEX ON audit.context (owner) WHERE owner <> '';
CREATE INDEX ON audit.context (grant_id) WHERE grant_id <> '';

-- A writer holds the advisory lock (7203187, id) while it appends to chain `id`. Chain 0 is audit.seal.
CREATE TABLE audit.chain (
    id      int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    made_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE audit.evidence (
    at         timestamptz NOT NULL,
    seq        bigint NOT NULL,
    row_count  bigint,
    byte_count bigint,
    chain      int NOT NULL,
    kind       smallint NOT NULL,  -- 1 access, 2 access-opened, 3 access-closed, 4 refused
    id         uuid NOT NULL,
    context    uuid,               -- none in 3
    opened     uuid,               -- 3: the record it closes
    hash       bytea NOT NULL,     -- SHA-256 of the hash before, chain, seq, context and all the rest
    request_id text NOT NULL,
    filter     text NOT NULL,
    subject    text NOT NULL,
    case_no    text NOT NULL,
    outcome    text NOT NULL
) PARTITION BY RANGE (at);
-- Also keeps a batch whose commit was in doubt from being added twice.
CREATE UNIQUE INDEX evidence_place ON audit.evidence (chain, seq, at);
CREATE INDEX evidence_context ON audit.evidence (context, id);
CREATE INDEX evidence_opened ON audit.evidence (opened) WHERE opened IS NOT NULL;
CREATE INDEX evidence_subject ON audit.evidence (subject, id) WHERE subject <> '';
CREATE INDEX evidence_case ON audit.evidence (case_no, id) WHERE case_no <> '';
CREATE INDEX evidence_at ON audit.evidence USING brin (at);

CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.context
    FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();
CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.evidence
    FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();

-- What falls into no month (a clock far off) still finds a place: a reply must not fail for it.
CREATE TABLE audit.evidence_other PARTITION OF audit.evidence DEFAULT;
CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.evidence_other
    FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();

-- Makes the partitions of this month (of the city's clock) and of `ahead` more -> how many are new.
CREATE FUNCTION audit.make_months(ahead int) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    first timestamp := date_trunc('month', now() AT TIME ZONE 'Asia/Shanghai');
    month timestamp;
    name text;
    made int := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(7203188);
    FOR step IN 0..ahead LOOP
        month := first + make_interval(months => step);
        name := 'evidence_' || to_char(month, 'YYYY_MM');
        IF to_regclass('audit.' || name) IS NULL THEN
            EXECUTE format('CREATE TABLE audit.%I PARTITION OF audit.evidence FOR VALUES FROM (%L) TO (%L)',
                           name, month AT TIME ZONE 'Asia/Shanghai',
                           (month + interval '1 month') AT TIME ZONE 'Asia/Shanghai');
            EXECUTE format('CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.%I '
                           'FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change()', name);
            made := made + 1;
        END IF;
    END LOOP;
    RETURN made;
END
$$;
SELECT audit.make_months(3);

-- Accesses with their context, those of before this migration too.
CREATE VIEW audit.access AS
SELECT e.id, e.at, CASE e.kind WHEN 1 THEN 'access' WHEN 2 THEN 'access-opened' WHEN 3 THEN 'access-closed'
                               ELSE 'refused' END AS kind,
       coalesce(c.principal_kind, '') AS principal_kind, coalesce(c.principal_id, '') AS principal_id,
       coalesce(c.principal, '') AS principal, coalesce(c.organization, '') AS organization,
       coalesce(c.address, '') AS address, e.request_id, coalesce(c.resource, '') AS resource, e.opened,
       coalesce(c.owner, '') AS owner, coalesce(c.grant_id, '') AS grant_id,
       coalesce(c.channel, '') AS channel, coalesce(c.purpose, '') AS purpose,
       coalesce(c.fields, '{}') AS fields, e.filter, e.subject, e.case_no, e.row_count, e.byte_count, e.outcome
  FROM audit.evidence e LEFT JOIN audit.context c ON c.id = e.context
UNION ALL
SELECT id, at, kind, principal_kind, principal_id, principal, organization, address, request_id, object,
       opened, owner, grant_id, channel, purpose, fields, filter, subject, case_no, row_count, byte_count,
       outcome
  FROM audit.record WHERE kind <> 'event';

-- The writer's role: it can add evidence and nothing else. Roles belong to the cluster, so another database
-- may have made it; where the server may not make roles, `pengcheng doctor` says what to do.
DO $$
BEGIN
    IF to_regrole('pengcheng_evidence') IS NULL THEN
        CREATE ROLE pengcheng_evidence NOLOGIN NOINHERIT;
    END IF;
    EXECUTE format('GRANT pengcheng_evidence TO %I', current_user);
    GRANT USAGE ON SCHEMA audit TO pengcheng_evidence;
    GRANT INSERT ON audit.evidence, audit.context TO pengcheng_evidence;
EXCEPTION
    WHEN insufficient_privilege OR duplicate_object OR unique_violation THEN
        RAISE WARNING 'the role pengcheng_evidence could not be made or granted: %', SQLERRM;
END
$$;
REVOKE UPDATE, DELETE, TRUNCATE ON audit.evidence, audit.context, audit.record, audit.seal, audit.checkpoint
  FROM CURRENT_USER;
