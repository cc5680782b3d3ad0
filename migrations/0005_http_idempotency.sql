-- Replies kept for clients that retry a POST with the same Idempotency-Key.
CREATE SCHEMA http;

CREATE TABLE http.idempotency (
    principal   text NOT NULL,
    key         text NOT NULL CHECK (length(key) <= 200),
    request     text NOT NULL,              -- method, path and digest of the body
    started_at  timestamptz NOT NULL DEFAULT now(),
    status      integer,                    -- NULL while the first request is worked on
    location    text,
    body        text,
    PRIMARY KEY (principal, key)
);
CREATE INDEX idempotency_started ON http.idempotency (started_at);
