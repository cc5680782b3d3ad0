-- Client secrets with two live values, and access tokens that are signed instead of stored.

CREATE TABLE identity.client_secret (
    id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    client       text NOT NULL REFERENCES identity.client,
    -- Two places, so that a third live secret cannot be.
    place        smallint NOT NULL CHECK (place IN (1, 2)),
    secret_hash  text NOT NULL,  -- SHA-256: the secret has 256 random bits
    created_at   timestamptz NOT NULL DEFAULT now(),
    created_by   text NOT NULL,
    last_used_at timestamptz,
    retired_at   timestamptz,
    retired_by   text
);
CREATE UNIQUE INDEX client_secret_two_live ON identity.client_secret (client, place) WHERE retired_at IS NULL;
CREATE INDEX ON identity.client_secret (client, created_at);

INSERT INTO identity.client_secret (client, place, secret_hash, created_at, created_by)
SELECT client_id, 1, secret_hash, created_at, created_by FROM identity.client;
ALTER TABLE identity.client DROP COLUMN secret_hash;

-- Keys that sign access tokens (Ed25519). The private half is sealed with var/keys/token.key, which all
-- processes on this database share. A key is published from `created_at`, signs from `signs_from` until the
-- next one does, and is checked against until `retired_at`.
CREATE TABLE identity.signing_key (
    kid        text PRIMARY KEY,
    public_key text NOT NULL,   -- base64url
    sealed     text NOT NULL,
    created_at timestamptz NOT NULL,
    signs_from timestamptz NOT NULL,
    retired_at timestamptz
);

-- Opaque tokens lived an hour; systems ask for a new one.
DROP TABLE identity.token;
