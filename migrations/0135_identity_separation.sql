-- 三员分立 in the database itself, and what else decides rights: region, subordinate organizations, grade.

-- Ceiling of the data grade (1 to 4) of one account or system; NULL: that of its role in permissions.yaml.
ALTER TABLE identity.account ADD COLUMN grade_max smallint CHECK (grade_max BETWEEN 1 AND 4);
ALTER TABLE identity.client ADD COLUMN grade_max smallint CHECK (grade_max BETWEEN 1 AND 4);

-- Set once, when all three administrators exist; from then on only a security administrator changes roles,
-- whoever runs the program.
CREATE TABLE identity.installation (
    one          boolean PRIMARY KEY DEFAULT true CHECK (one),
    completed_at timestamptz NOT NULL DEFAULT now()
);

CREATE FUNCTION identity.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'identity.% is not changed', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER kept BEFORE UPDATE OR DELETE OR TRUNCATE ON identity.installation
    FOR EACH STATEMENT EXECUTE FUNCTION identity.refuse_change();

-- The account on whose behalf this transaction acts; NULL for the command line and the server itself.
CREATE FUNCTION identity.actor() RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT nullif(current_setting('pengcheng.actor', true), '')::uuid
$$;

CREATE FUNCTION identity.require_security_admin(subject uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM identity.installation) THEN
        RETURN;
    END IF;
    IF identity.actor() IS NULL OR identity.actor() = subject OR NOT EXISTS (
        SELECT FROM identity.role_assignment r JOIN identity.account a ON a.id = r.account
         WHERE r.account = identity.actor() AND r.role = 'security_admin' AND a.state = 'active') THEN
        RAISE EXCEPTION 'only another security administrator changes rights'
            USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'role_by_security_admin';
    END IF;
END
$$;

CREATE FUNCTION identity.keep_roles_apart() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    administrator text[] := ARRAY['system_admin', 'security_admin', 'audit_admin'];
BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM identity.require_security_admin(OLD.account);
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    -- Two transactions that each add one role to an account wait for each other here.
    PERFORM FROM identity.account WHERE id = NEW.account FOR NO KEY UPDATE;
    IF NEW.role <> 'citizen' THEN
        PERFORM identity.require_security_admin(NEW.account);
    END IF;
    IF EXISTS (SELECT FROM identity.role_assignment r
                WHERE r.account = NEW.account AND r.role <> NEW.role
                  AND (r.role = ANY (administrator) OR NEW.role = ANY (administrator))) THEN
        RAISE EXCEPTION 'an administrator has no other role'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'role_separation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER roles_apart BEFORE INSERT OR UPDATE OR DELETE ON identity.role_assignment
    FOR EACH ROW EXECUTE FUNCTION identity.keep_roles_apart();
CREATE TRIGGER kept BEFORE TRUNCATE ON identity.role_assignment
    FOR EACH STATEMENT EXECUTE FUNCTION identity.refuse_change();

CREATE FUNCTION identity.complete_installation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO identity.installation
    SELECT WHERE (SELECT count(DISTINCT role) FROM identity.role_assignment WHERE role LIKE '%\_admin') = 3
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
CREATE TRIGGER completes_installation AFTER INSERT ON identity.role_assignment
    FOR EACH STATEMENT EXECUTE FUNCTION identity.complete_installation();
INSERT INTO identity.installation
SELECT WHERE (SELECT count(DISTINCT role) FROM identity.role_assignment WHERE role LIKE '%\_admin') = 3;

-- The grade ceiling is a right too.
CREATE FUNCTION identity.keep_grade() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'account' THEN
        PERFORM identity.require_security_admin(OLD.id);
    ELSE
        PERFORM identity.require_security_admin(NULL);
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER grade_by_security_admin BEFORE UPDATE OF grade_max ON identity.account
    FOR EACH ROW WHEN (OLD.grade_max IS DISTINCT FROM NEW.grade_max) EXECUTE FUNCTION identity.keep_grade();
CREATE TRIGGER grade_by_security_admin BEFORE UPDATE OF grade_max ON identity.client
    FOR EACH ROW WHEN (OLD.grade_max IS DISTINCT FROM NEW.grade_max) EXECUTE FUNCTION identity.keep_grade();

-- Somebody holds each of the three at any time: the last active one is not disabled.
CREATE FUNCTION identity.keep_administrator() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM identity.role_assignment mine
                WHERE mine.account = OLD.id AND mine.role LIKE '%\_admin'
                  AND NOT EXISTS (SELECT FROM identity.role_assignment r
                                    JOIN identity.account a ON a.id = r.account
                                   WHERE r.role = mine.role AND a.id <> OLD.id AND a.state = 'active')) THEN
        RAISE EXCEPTION 'the last administrator of a kind stays'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'last_administrator';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER administrator_stays BEFORE UPDATE OF state ON identity.account
    FOR EACH ROW WHEN (OLD.state = 'active' AND NEW.state <> 'active')
    EXECUTE FUNCTION identity.keep_administrator();
