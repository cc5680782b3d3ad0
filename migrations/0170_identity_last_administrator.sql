-- Somebody holds each of the three at any time: the last active one of a kind is neither disabled (0135) nor
-- does it lose the role. Whoever takes one away waits here for whoever else does: two that each take away one of
-- the last two would otherwise both see the other's still there.
CREATE FUNCTION identity.keep_administrators_of(kinds text[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM identity.installation FOR UPDATE;
    IF FOUND AND EXISTS (
        SELECT FROM unnest(kinds) AS needed(role)
         WHERE NOT EXISTS (SELECT FROM identity.role_assignment r JOIN identity.account a ON a.id = r.account
                            WHERE r.role = needed.role AND a.state = 'active')) THEN
        RAISE EXCEPTION 'the last administrator of a kind stays'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'last_administrator';
    END IF;
END
$$;

CREATE FUNCTION identity.keep_administrator_roles() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    kinds text[] := ARRAY(SELECT DISTINCT role FROM gone WHERE role LIKE '%\_admin');
BEGIN
    IF cardinality(kinds) > 0 THEN
        PERFORM identity.keep_administrators_of(kinds);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER administrator_stays_on_delete AFTER DELETE ON identity.role_assignment
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION identity.keep_administrator_roles();
CREATE TRIGGER administrator_stays_on_update AFTER UPDATE ON identity.role_assignment
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION identity.keep_administrator_roles();

-- As 0135 has it, after the same wait.
CREATE OR REPLACE FUNCTION identity.keep_administrator() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM identity.installation FOR UPDATE;
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
