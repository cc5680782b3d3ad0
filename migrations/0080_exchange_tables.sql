-- Requests for items of a resource, and the grants that come of them.

CREATE SCHEMA exchange;

CREATE TABLE exchange.request (
    id                text PRIMARY KEY,
    resource          text NOT NULL,
    resource_name     text NOT NULL,
    provider          text NOT NULL,
    provider_name     text NOT NULL,
    organization      text NOT NULL,
    organization_name text NOT NULL,
    account           text NOT NULL,
    account_name      text NOT NULL,
    items             jsonb NOT NULL,
    row_filter        text NOT NULL,
    basis             text NOT NULL,
    scene             text NOT NULL,
    scope             text NOT NULL,
    purpose           text NOT NULL,
    mode              text NOT NULL CHECK (mode IN ('api', 'database', 'file')),
    months            int NOT NULL CHECK (months BETWEEN 1 AND 36),
    state             text NOT NULL
        CHECK (state IN ('provider_review', 'approved', 'partly_approved', 'refused', 'withdrawn')),
    by_rule           boolean NOT NULL DEFAULT false,
    limit_days        int NOT NULL,
    received_on       date NOT NULL,
    due_on            date NOT NULL,
    answer            text NOT NULL DEFAULT '',
    answered_by_name  text NOT NULL DEFAULT '',
    answered_at       timestamptz,
    grant_id          text,
    version           bigint NOT NULL DEFAULT 1,
    created_at        timestamptz NOT NULL DEFAULT now(),
    CHECK (provider <> organization)
);
CREATE INDEX request_sent ON exchange.request (organization, id DESC);
CREATE INDEX request_received ON exchange.request (provider, id DESC);
-- One open request of a department on a resource: a second would only split the answer.
CREATE UNIQUE INDEX request_open ON exchange.request (organization, resource) WHERE state = 'provider_review';

CREATE TABLE exchange.access_grant (
    id                text PRIMARY KEY,
    request           text NOT NULL REFERENCES exchange.request,
    resource          text NOT NULL,
    resource_name     text NOT NULL,
    provider          text NOT NULL,
    provider_name     text NOT NULL,
    organization      text NOT NULL,
    organization_name text NOT NULL,
    fields            jsonb NOT NULL,
    row_filter        text NOT NULL,
    basis             text NOT NULL,
    scene             text NOT NULL,
    scope             text NOT NULL,
    purpose           text NOT NULL,
    mode              text NOT NULL,
    mask_key          text NOT NULL,  -- of pseudonyms, which therefore join within this grant only
    starts_at         timestamptz NOT NULL,
    ends_at           timestamptz NOT NULL,
    state             text NOT NULL CHECK (state IN ('active', 'revoked', 'expired')),
    ended_reason      text NOT NULL DEFAULT '',
    ended_at          timestamptz,
    version           bigint NOT NULL DEFAULT 1,
    CHECK (ends_at > starts_at)
);
-- The newest answer rules: a department has at most one grant in force on a resource.
CREATE UNIQUE INDEX access_grant_active ON exchange.access_grant (organization, resource) WHERE state = 'active';
CREATE INDEX access_grant_held ON exchange.access_grant (organization, id DESC);
CREATE INDEX access_grant_given ON exchange.access_grant (provider, id DESC);

-- A grant that ran out counts as expired at that moment, whether or not anything has marked it.
CREATE VIEW exchange.standing_grant AS
SELECT id, request, resource, resource_name, provider, provider_name, organization, organization_name, fields,
       row_filter, basis, scene, scope, purpose, mode, mask_key, base.rfc3339(starts_at) AS starts_at,
       base.rfc3339(ends_at) AS ends_at,
       CASE WHEN state = 'active' AND ends_at <= now() THEN 'expired' ELSE state END AS state,
       ended_reason, base.rfc3339(ended_at) AS ended_at, version
  FROM exchange.access_grant;
