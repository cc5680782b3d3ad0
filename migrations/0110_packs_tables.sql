-- What declarative packs have brought in, and the working calendar.

CREATE SCHEMA packs;

-- A day that differs from its weekday: a holiday, or a make-up day worked.
CREATE TABLE packs.workday (
    day    date PRIMARY KEY,
    worked boolean NOT NULL,
    name   text NOT NULL
);

-- Digest of each object as last applied: the same again is left alone.
CREATE TABLE packs.applied (
    kind       text NOT NULL,
    key        text NOT NULL,
    pack       text NOT NULL,
    digest     text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (kind, key)
);
