-- Proposals to open a resource, the data sets made of them, and how often each is used.

CREATE SCHEMA portal;

CREATE TABLE portal.proposal (
    id                uuid PRIMARY KEY,
    resource          text NOT NULL,
    resource_name     text NOT NULL,
    organization      text NOT NULL,
    organization_name text NOT NULL,
    slug              text NOT NULL CHECK (slug ~ '^[a-z0-9][a-z0-9-]{1,79}$'),
    title             text NOT NULL,
    abstract          text NOT NULL,
    open_type         text NOT NULL CHECK (open_type IN ('unconditional', 'conditional')),
    items             jsonb NOT NULL CHECK (jsonb_typeof(items) = 'array'),
    licence           text NOT NULL,
    theme             text NOT NULL,
    keywords          text[] NOT NULL,
    state             text NOT NULL CHECK (state IN ('draft', 'submitted', 'returned', 'published')),
    version           bigint NOT NULL DEFAULT 1,
    return_reason     text NOT NULL DEFAULT '',
    proposed_by       text NOT NULL,
    proposed_by_name  text NOT NULL,
    submitted_by      text NOT NULL DEFAULT '',
    submitted_by_name text NOT NULL DEFAULT '',
    decided_by        text NOT NULL DEFAULT '',
    decided_by_name   text NOT NULL DEFAULT '',
    created_at        timestamptz NOT NULL DEFAULT now(),
    updated_at        timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX proposal_organization ON portal.proposal (organization, id DESC);
CREATE INDEX proposal_state ON portal.proposal (state, id DESC);
-- One open proposal for a slug at a time; what is published may be proposed anew.
CREATE UNIQUE INDEX proposal_open_slug ON portal.proposal (slug) WHERE state <> 'published';

-- What the public sees. A slug belongs to one resource for ever.
CREATE TABLE portal.dataset (
    slug              text PRIMARY KEY CHECK (slug ~ '^[a-z0-9][a-z0-9-]{1,79}$'),
    resource          text NOT NULL,
    organization      text NOT NULL,
    organization_name text NOT NULL,
    version           int NOT NULL DEFAULT 1,
    title             text NOT NULL,
    abstract          text NOT NULL,
    open_type         text NOT NULL CHECK (open_type IN ('unconditional', 'conditional')),
    -- [{column, mask, name, type, unit, code_list, element, description}] as published.
    items             jsonb NOT NULL CHECK (jsonb_typeof(items) = 'array'),
    licence           text NOT NULL,
    theme             text NOT NULL,
    keywords          text[] NOT NULL,
    update_cycle      text NOT NULL,
    region_scope      text NOT NULL,
    time_from         text NOT NULL,
    time_to           text NOT NULL,
    synthetic         boolean NOT NULL,
    source_note       text NOT NULL,
    contact           text NOT NULL,
    proposal          uuid NOT NULL REFERENCES portal.proposal,
    published_at      timestamptz NOT NULL DEFAULT now(),
    updated_at        timestamptz NOT NULL DEFAULT now(),
    -- The search document, made by the server at each publication (publish.cpp).
    grams             text[] NOT NULL,
    title_text        text NOT NULL,
    search_text       text NOT NULL
);
CREATE INDEX dataset_grams ON portal.dataset USING gin (grams) WITH (fastupdate = off);
CREATE INDEX dataset_newest ON portal.dataset (updated_at DESC, slug);
CREATE INDEX dataset_theme ON portal.dataset (theme, updated_at DESC, slug);
CREATE INDEX dataset_organization ON portal.dataset (organization, updated_at DESC, slug);

CREATE TABLE portal.dataset_version (
    slug         text NOT NULL REFERENCES portal.dataset,
    version      int NOT NULL,
    proposal     uuid NOT NULL REFERENCES portal.proposal,
    published_by text NOT NULL,
    published_at timestamptz NOT NULL DEFAULT now(),
    content      jsonb NOT NULL,
    PRIMARY KEY (slug, version)
);

-- Uses by day, for reports, and their sums, for lists.
CREATE TABLE portal.use_count (
    slug    text NOT NULL REFERENCES portal.dataset,
    channel text NOT NULL CHECK (channel IN ('page', 'api', 'download')),
    day     date NOT NULL,
    uses    bigint NOT NULL,
    PRIMARY KEY (slug, channel, day)
);
CREATE TABLE portal.use_total (
    slug    text NOT NULL REFERENCES portal.dataset,
    channel text NOT NULL CHECK (channel IN ('page', 'api', 'download')),
    uses    bigint NOT NULL,
    PRIMARY KEY (slug, channel)
);

-- A chart costs a pass over the table, so it is kept until the data set or its rows change.
CREATE TABLE portal.chart (
    slug    text PRIMARY KEY REFERENCES portal.dataset,
    version int NOT NULL,
    load    bigint NOT NULL,
    zh      jsonb NOT NULL,
    en      jsonb NOT NULL
);
