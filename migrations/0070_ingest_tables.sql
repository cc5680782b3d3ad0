-- Files that came in, what was loaded from them, and the rows that were not taken.
CREATE SCHEMA ingest;

-- The bytes lie in <var>/uploads/<id>; a row here means that they are whole.
CREATE TABLE ingest.upload (
    id           uuid PRIMARY KEY,
    organization text NOT NULL,
    account      text NOT NULL,
    name         text NOT NULL,
    bytes        bigint NOT NULL CHECK (bytes > 0),
    sha256       text NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE ingest.batch (
    id              uuid PRIMARY KEY,
    ref             text NOT NULL,
    no              integer NOT NULL,        -- 1..n within the resource
    organization    text NOT NULL,
    mode            text NOT NULL CHECK (mode IN ('replace', 'upsert', 'append')),
    state           text NOT NULL DEFAULT 'queued'
        CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
    upload          uuid NOT NULL REFERENCES ingest.upload,
    reading         jsonb NOT NULL DEFAULT '{}',  -- how people said it is to be read: sheet, encoding, header_row
    format          text NOT NULL DEFAULT '',
    encoding        text NOT NULL DEFAULT '',
    job             text NOT NULL DEFAULT '',
    load            bigint,                  -- of store, once loaded
    rows_read       bigint NOT NULL DEFAULT 0,
    rows_loaded     bigint NOT NULL DEFAULT 0,
    rows_rejected   bigint NOT NULL DEFAULT 0,
    problem         text NOT NULL DEFAULT '',     -- Chinese, of a failed batch
    problem_en      text NOT NULL DEFAULT '',
    created_by      text NOT NULL,
    created_by_name text NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    finished_at     timestamptz,
    UNIQUE (ref, no)
);

-- One fault of one row; a row may have several.
CREATE TABLE ingest.reject (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    batch       uuid NOT NULL REFERENCES ingest.batch ON DELETE CASCADE,
    line        bigint NOT NULL,
    column_name text NOT NULL,               -- empty: the row as a whole
    code        text NOT NULL,
    reason      text NOT NULL,
    reason_en   text NOT NULL,
    raw         text NOT NULL
);
CREATE INDEX reject_line ON ingest.reject (batch, line, id);
