-- Notices to one account, or to everybody who holds a role in an organization.

CREATE SCHEMA events;

CREATE TABLE events.notice (
    id           uuid PRIMARY KEY,  -- version 7: order of time
    at           timestamptz NOT NULL DEFAULT now(),
    account      uuid,
    organization text,  -- with role: NULL means in any organization
    role         text,
    title_zh     text NOT NULL,
    title_en     text NOT NULL,
    text_zh      text NOT NULL,
    text_en      text NOT NULL,
    link         text NOT NULL,
    CHECK ((account IS NULL) <> (role IS NULL)),
    CHECK (role IS NOT NULL OR organization IS NULL)
);
CREATE INDEX ON events.notice (account, id) WHERE account IS NOT NULL;
CREATE INDEX ON events.notice (role, organization, id) WHERE role IS NOT NULL;

CREATE TABLE events.notice_read (
    notice  uuid NOT NULL REFERENCES events.notice ON DELETE CASCADE,
    account uuid NOT NULL,
    at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account, notice)
);
