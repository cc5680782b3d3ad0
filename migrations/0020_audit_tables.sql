-- What happened and who read what. Records, seals and checkpoints are only ever added.

CREATE SCHEMA audit;

CREATE TABLE audit.record (
    id             uuid PRIMARY KEY,
    at             timestamptz NOT NULL,
    kind           text NOT NULL
                   CHECK (kind IN ('event', 'access-opened', 'access-closed', 'access', 'refused')),
    principal_kind text NOT NULL,
    principal_id   text NOT NULL,
    principal      text NOT NULL,
    organization   text NOT NULL,
    address        text NOT NULL,
    request_id     text NOT NULL,
    action         text NOT NULL,
    object         text NOT NULL,
    detail         json,            -- json, not jsonb: the digest covers its bytes
    -- Of accesses only; empty in events.
    opened         uuid,            -- access-closed: the record it closes
    owner          text NOT NULL DEFAULT '',
    grant_id       text NOT NULL DEFAULT '',
    channel        text NOT NULL DEFAULT '',
    purpose        text NOT NULL DEFAULT '',
    fields         text[] NOT NULL DEFAULT '{}',
    filter         text NOT NULL DEFAULT '',
    subject        text NOT NULL DEFAULT '',
    case_no        text NOT NULL DEFAULT '',
    row_count      bigint,
    byte_count     bigint,
    outcome        text NOT NULL DEFAULT '',
    digest         bytea NOT NULL   -- SHA-256 of the canonical bytes of all the above
);
CREATE INDEX ON audit.record (object, id);
CREATE INDEX ON audit.record (principal, id);
CREATE INDEX ON audit.record (opened) WHERE opened IS NOT NULL;
CREATE INDEX ON audit.record (grant_id, id) WHERE grant_id <> '';
CREATE INDEX ON audit.record (owner, id) WHERE owner <> '';
CREATE INDEX ON audit.record (subject, id) WHERE subject <> '';
CREATE INDEX ON audit.record (case_no, id) WHERE case_no <> '';

-- Records not linked yet. A queue beside the insert-only table, so that the sealer never searches it.
CREATE TABLE audit.pending (record_id uuid PRIMARY KEY);

CREATE TABLE audit.seal (
    seq       bigint PRIMARY KEY,
    record_id uuid NOT NULL UNIQUE,
    digest    bytea NOT NULL,   -- the record's, as it was when sealed
    prev_hash bytea NOT NULL,
    hash      bytea NOT NULL,   -- SHA-256(prev_hash, seq, record_id, digest)
    sealed_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE audit.checkpoint (
    seq       bigint PRIMARY KEY,
    hash      bytea NOT NULL,
    at        text NOT NULL,    -- RFC 3339, as signed
    key       bytea NOT NULL,   -- Ed25519 public key
    signature bytea NOT NULL
);

CREATE FUNCTION audit.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit.% is insert-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.record
    FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();
CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.seal
    FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();
CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();
