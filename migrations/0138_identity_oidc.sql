-- Sign-in through an outside OpenID provider.

CREATE TABLE identity.outside_identity (
    issuer    text NOT NULL,
    subject   text NOT NULL,
    account   uuid NOT NULL REFERENCES identity.account,
    linked_at timestamptz NOT NULL,
    linked_by text NOT NULL CHECK (linked_by IN ('account', 'username', 'id_number')),
    PRIMARY KEY (issuer, subject),
    UNIQUE (account, issuer)
);

-- A sign-in under way: the browser that began it, and what its answer must carry. Used once.
CREATE TABLE identity.oidc_attempt (
    state_hash   text PRIMARY KEY,
    browser_hash text NOT NULL,
    nonce        text NOT NULL,
    verifier     text NOT NULL,  -- sealed
    back         text NOT NULL,
    account      uuid REFERENCES identity.account,  -- set: link to this account
    expires_at   timestamptz NOT NULL
);
CREATE INDEX ON identity.oidc_attempt (expires_at);
