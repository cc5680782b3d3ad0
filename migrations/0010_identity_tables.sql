-- Who there is: organizations, regions, accounts, roles, sessions, systems of departments and their tokens.

CREATE SCHEMA identity;

CREATE TABLE identity.region (
    code   text PRIMARY KEY CHECK (code ~ '^[0-9]{6}([0-9]{3}|[0-9]{6})?$'),
    name   text NOT NULL CHECK (name <> ''),
    parent text REFERENCES identity.region,
    level  integer NOT NULL CHECK (level BETWEEN 1 AND 5)
);

CREATE TABLE identity.organization (
    code       text PRIMARY KEY CHECK (code ~ '^[0-9]{3}$'),
    name       text NOT NULL CHECK (name <> ''),
    short_name text NOT NULL,
    kind       text NOT NULL,
    region     text NOT NULL CHECK (region ~ '^[0-9]{6}$'),
    parent     text REFERENCES identity.organization,
    status     text NOT NULL,
    note       text NOT NULL
);

CREATE TABLE identity.account (
    id            uuid PRIMARY KEY,
    username      text NOT NULL CHECK (username = lower(username)),
    display_name  text NOT NULL CHECK (display_name <> ''),
    kind          text NOT NULL CHECK (kind IN ('staff', 'citizen')),
    organization  text REFERENCES identity.organization,
    state         text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'disabled')),
    password_hash text NOT NULL,
    -- AES-256-GCM, base64url, bound to the account; equality look-up goes by the keyed index.
    id_number_sealed text,
    id_number_index  text,
    phone_sealed     text,
    created_at    timestamptz NOT NULL DEFAULT now(),
    created_by    text NOT NULL,
    CONSTRAINT account_username_unique UNIQUE (username),
    CONSTRAINT account_id_number_unique UNIQUE (id_number_index),
    CHECK ((id_number_sealed IS NULL) = (id_number_index IS NULL)),
    CHECK (kind = 'staff' OR organization IS NULL),
    CHECK (kind = 'citizen' OR id_number_sealed IS NULL)
);
CREATE INDEX ON identity.account (organization);

CREATE TABLE identity.role_assignment (
    account  uuid NOT NULL REFERENCES identity.account,
    role     text NOT NULL CHECK (role IN ('data_officer', 'provider_officer', 'reviewer', 'window_staff',
                                           'case_officer', 'citizen', 'system_admin', 'security_admin',
                                           'audit_admin')),
    given_at timestamptz NOT NULL DEFAULT now(),
    given_by text NOT NULL,
    PRIMARY KEY (account, role)
);
-- 三员分立: whatever the program does, nobody holds two of the three.
CREATE UNIQUE INDEX role_assignment_one_administrator ON identity.role_assignment (account)
    WHERE role IN ('system_admin', 'security_admin', 'audit_admin');

CREATE TABLE identity.session (
    token_hash   text PRIMARY KEY,  -- SHA-256 of the cookie
    account      uuid NOT NULL REFERENCES identity.account,
    created_at   timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    address      text NOT NULL
);
CREATE INDEX ON identity.session (account);
CREATE INDEX ON identity.session (expires_at);

-- Wrong passwords by username, known or not, so that lock-out tells nobody which names exist.
CREATE TABLE identity.sign_in_failure (
    username_hash text PRIMARY KEY,
    failures      integer NOT NULL,
    last_at       timestamptz NOT NULL,
    locked_until  timestamptz
);
CREATE INDEX ON identity.sign_in_failure (last_at);

CREATE TABLE identity.client (
    client_id    text PRIMARY KEY,
    name         text NOT NULL CHECK (name <> ''),
    organization text NOT NULL REFERENCES identity.organization,
    secret_hash  text NOT NULL,  -- SHA-256: the secret has 256 random bits
    state        text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'disabled')),
    created_at   timestamptz NOT NULL DEFAULT now(),
    created_by   text NOT NULL
);
CREATE INDEX ON identity.client (organization);

CREATE TABLE identity.token (
    token_hash text PRIMARY KEY,  -- SHA-256 of the bearer token
    client     text NOT NULL REFERENCES identity.client,
    issued_at  timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX ON identity.token (client);
CREATE INDEX ON identity.token (expires_at);
