-- Passwords with history and expiry, second factor, sessions that can be listed, lock-out by address.

ALTER TABLE identity.account
    ADD COLUMN password_set_at timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN must_change_password boolean NOT NULL DEFAULT false;

CREATE TABLE identity.password_history (
    account       uuid NOT NULL REFERENCES identity.account,
    password_hash text NOT NULL,
    set_at        timestamptz NOT NULL,
    PRIMARY KEY (account, set_at)
);

-- The secret is sealed and bound to the account. `confirmed_at` NULL: offered, not in force.
-- `last_step` is the time step of the last code taken: none is taken twice.
CREATE TABLE identity.totp (
    account      uuid PRIMARY KEY REFERENCES identity.account,
    secret       text NOT NULL,
    confirmed_at timestamptz,
    last_step    bigint NOT NULL DEFAULT 0
);

CREATE TABLE identity.recovery_code (
    account   uuid NOT NULL REFERENCES identity.account,
    code_hash text NOT NULL,  -- keyed digest
    used_at   timestamptz,
    PRIMARY KEY (account, code_hash)
);

ALTER TABLE identity.session
    ADD COLUMN id uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE,
    ADD COLUMN user_agent text NOT NULL DEFAULT '',
    ADD COLUMN method text NOT NULL DEFAULT 'password' CHECK (method IN ('password', 'totp', 'recovery', 'oidc'));

-- Failures are counted by account name and by address. `label` is what the security administrator sees: the
-- address, or the name where such an account exists (people type passwords into the name field).
ALTER TABLE identity.sign_in_failure RENAME COLUMN username_hash TO subject;
ALTER TABLE identity.sign_in_failure
    ADD COLUMN id uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE,
    ADD COLUMN kind text NOT NULL DEFAULT 'account' CHECK (kind IN ('account', 'address')),
    ADD COLUMN label text NOT NULL DEFAULT '';
CREATE INDEX ON identity.sign_in_failure (locked_until) WHERE locked_until IS NOT NULL;
