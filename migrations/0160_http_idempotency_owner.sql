-- Who claimed a key: the request that says it again after a lost connection knows its own claim.
ALTER TABLE http.idempotency ADD COLUMN owner text NOT NULL DEFAULT '';
