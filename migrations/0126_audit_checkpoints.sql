-- Checkpoints tie all chains together: each names the head of every chain and the hash of the one before.
-- Those of before named the end of the chain of events only; the next checkpoint covers what they covered.
DROP TABLE audit.checkpoint;
CREATE TABLE audit.checkpoint (
    number    bigint PRIMARY KEY,
    body      text NOT NULL,    -- what is signed; src/audit/checkpoint.hpp has its form
    key       text NOT NULL,    -- Ed25519 public key, hexadecimal
    signature text NOT NULL,
    at        timestamptz NOT NULL DEFAULT clock_timestamp()  -- to find one by time; the signed time is in the body
);
CREATE INDEX ON audit.checkpoint (at);
CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();
REVOKE UPDATE, DELETE, TRUNCATE ON audit.checkpoint FROM CURRENT_USER;

-- Where a chain ends whose records were all pruned. The signed word on it is in a checkpoint.
ALTER TABLE audit.chain ADD pruned_seq bigint NOT NULL DEFAULT 0,
                        ADD pruned_hash bytea NOT NULL DEFAULT decode(repeat('00', 32), 'hex');

-- The last time that somebody checked the chains, for the audit administrator's page.
CREATE TABLE audit.verification (
    at      timestamptz PRIMARY KEY DEFAULT now(),
    verdict json NOT NULL
);
