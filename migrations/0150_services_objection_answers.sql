-- The answer to an objection: mended, or found right, by the provider of the data, who has until due_on.

ALTER TABLE services.objection
    ADD COLUMN item_name     text NOT NULL DEFAULT '',
    ADD COLUMN resource_name text NOT NULL DEFAULT '',
    ADD COLUMN provider_name text NOT NULL DEFAULT '',
    ADD COLUMN due_on        date NOT NULL DEFAULT current_date,
    ADD COLUMN answer        text NOT NULL DEFAULT '',
    ADD COLUMN answered_by   text NOT NULL DEFAULT '',  -- display name
    ADD COLUMN answered_at   timestamptz,
    ADD COLUMN version       bigint NOT NULL DEFAULT 1,
    DROP CONSTRAINT objection_state_check,
    ADD CONSTRAINT objection_state_check CHECK (state IN ('raised', 'corrected', 'confirmed_right'));

ALTER TABLE services.objection ALTER COLUMN due_on DROP DEFAULT;

CREATE INDEX objection_account ON services.objection (account, id DESC);
