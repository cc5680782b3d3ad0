-- Service items, cases, their papers and what applicants say about the data shown to them.

CREATE SCHEMA services;

CREATE TABLE services.item (
    code         text PRIMARY KEY CHECK (code ~ '^[0-9A-HJ-NPQRTUWXY]{18}[1-7][0-9A-Z]{12}([0-9]{2})?$'),
    organization text NOT NULL,
    name         text NOT NULL,
    subject      text NOT NULL CHECK (subject IN ('person', 'legal')),
    state        text NOT NULL CHECK (state IN ('active', 'paused', 'retired')),
    search_text  text NOT NULL,
    version      int NOT NULL CHECK (version > 0)
);

-- Every published edition stays: a running case keeps the one it started with.
CREATE TABLE services.item_version (
    code         text NOT NULL REFERENCES services.item,
    version      int NOT NULL,
    definition   jsonb NOT NULL,
    published_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (code, version)
);

-- Serials of case numbers, one row per day and region; gaps are allowed, repeats are not.
CREATE TABLE services.case_serial (
    region text NOT NULL,
    day    date NOT NULL,
    last   int NOT NULL CHECK (last BETWEEN 1 AND 999999),
    PRIMARY KEY (region, day)
);

CREATE TABLE services.case_file (
    case_no          text PRIMARY KEY CHECK (case_no ~ '^[0-9]{23}[0-9A-Z]$'),
    item             text NOT NULL,
    item_version     int NOT NULL,
    item_name        text NOT NULL,
    organization     text NOT NULL,
    applicant        uuid NOT NULL,
    applicant_name   text NOT NULL,
    state            text NOT NULL CHECK (state IN ('received', 'supplement', 'accepted', 'review', 'decided',
                                                    'closed', 'withdrawn', 'refused')),
    version          bigint NOT NULL DEFAULT 1,
    consent          boolean NOT NULL,
    -- Form values and the sources of prefilled ones, encrypted: they are personal.
    form_sealed      text NOT NULL,
    materials        jsonb NOT NULL,
    submitted_at     timestamptz NOT NULL,
    received_on      date NOT NULL,
    promised_days    int NOT NULL,
    suspended_days   int NOT NULL DEFAULT 0,
    due_date         date NOT NULL,
    due_limit        int NOT NULL,
    stopped_on       date,  -- the clock's last day: decided, withdrawn or refused
    -- jsonb null: not yet
    supplement       jsonb NOT NULL DEFAULT 'null',
    decision         jsonb NOT NULL DEFAULT 'null',
    rating           jsonb NOT NULL DEFAULT 'null',
    accepted_by      text,
    accepted_at      timestamptz,
    decided_by       text,
    receipt_digest   text NOT NULL,
    idempotency_key  text,
    request_digest   text NOT NULL,
    updated_at       timestamptz NOT NULL,
    UNIQUE (applicant, idempotency_key),
    FOREIGN KEY (item, item_version) REFERENCES services.item_version (code, version),
    CHECK (accepted_by IS DISTINCT FROM decided_by OR accepted_by IS NULL)
);
CREATE INDEX case_applicant ON services.case_file (applicant, case_no DESC);
CREATE INDEX case_organization ON services.case_file (organization, state, case_no DESC);
CREATE INDEX case_state ON services.case_file (state, case_no DESC);

CREATE TABLE services.case_event (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    case_no    text NOT NULL REFERENCES services.case_file,
    at         timestamptz NOT NULL,
    actor      text NOT NULL,
    actor_name text NOT NULL,
    body       text NOT NULL,
    action     text NOT NULL,
    from_state text NOT NULL,
    to_state   text NOT NULL,
    note       text NOT NULL DEFAULT ''
);
CREATE INDEX case_event_case ON services.case_event (case_no, id);

-- Files handed in. The bytes lie in var/attachments under the id.
CREATE TABLE services.attachment (
    id         uuid PRIMARY KEY,
    account    uuid NOT NULL,
    name       text NOT NULL,
    kind       text NOT NULL CHECK (kind IN ('pdf', 'png', 'jpg', 'ofd')),
    bytes      bigint NOT NULL CHECK (bytes BETWEEN 1 AND 20971520),
    sha256     text NOT NULL,
    case_no    text REFERENCES services.case_file,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX attachment_case ON services.attachment (case_no);

-- Consent to read one's own data for one item, each time it was given.
CREATE TABLE services.consent (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account uuid NOT NULL,
    item    text NOT NULL,
    case_no text NOT NULL DEFAULT '',
    sources jsonb NOT NULL,
    at      timestamptz NOT NULL DEFAULT now()
);

-- 异议: a value shown from a register that its subject says is wrong.
CREATE TABLE services.objection (
    id         uuid PRIMARY KEY,
    account    uuid NOT NULL,
    item       text NOT NULL,
    field      text NOT NULL,
    label      text NOT NULL,
    resource   text NOT NULL,
    provider   text NOT NULL,
    shown      text NOT NULL,
    right_text text NOT NULL,
    note       text NOT NULL,
    state      text NOT NULL DEFAULT 'raised' CHECK (state IN ('raised', 'received', 'corrected', 'confirmed_right')),
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX objection_provider ON services.objection (provider, created_at DESC);
