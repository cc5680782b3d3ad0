-- Uploads in parts (tus 1.0): what was promised. The bytes so far lie in <var>/uploads/<id>.tus, whose size
-- is the offset; when all have come, the row moves to ingest.upload.
CREATE TABLE ingest.resumable (
    id           uuid PRIMARY KEY,
    organization text NOT NULL,
    account      text NOT NULL,
    name         text NOT NULL,
    bytes        bigint NOT NULL CHECK (bytes > 0),
    created_at   timestamptz NOT NULL DEFAULT now()
);
