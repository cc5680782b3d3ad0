-- Set by the very transaction that does the work, so that it can be proven whatever went down before its reply
-- was kept. The owner is the request at work; empty where it gave up.
ALTER TABLE http.idempotency ADD COLUMN done boolean NOT NULL DEFAULT false;
