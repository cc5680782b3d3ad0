-- Tables of resources. The tables themselves are made by loads and are not in any migration.
CREATE SCHEMA store;

-- The table that readers of a resource see now. A switch is one UPDATE of this row.
CREATE TABLE store.resource_table (
    ref        text PRIMARY KEY,
    load       bigint NOT NULL CHECK (load > 0),
    table_name text NOT NULL UNIQUE,
    columns    jsonb NOT NULL,            -- [{"name", "type", "pg_type", "label"}]
    key        text[] NOT NULL,
    rows       bigint NOT NULL CHECK (rows >= 0),
    loaded_at  timestamptz NOT NULL DEFAULT now()
);

-- Tables that a switch left behind; dropped later, so that readers of the old one finish in peace.
CREATE TABLE store.old_table (
    table_name  text PRIMARY KEY,
    ref         text NOT NULL,
    load        bigint NOT NULL,
    replaced_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX old_table_ref ON store.old_table (ref, load DESC);
