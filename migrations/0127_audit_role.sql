-- Roles belong to the cluster, so a database restored into another cluster comes without the writer's: the
-- server asks for it at each start. -> whether it is there and ours to take.
CREATE FUNCTION audit.ensure_role() RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    IF to_regrole('pengcheng_evidence') IS NULL THEN
        CREATE ROLE pengcheng_evidence NOLOGIN NOINHERIT;
    END IF;
    IF NOT pg_has_role('pengcheng_evidence', 'MEMBER') THEN
        EXECUTE format('GRANT pengcheng_evidence TO %I', current_user);
    END IF;
    IF NOT has_table_privilege('pengcheng_evidence', 'audit.evidence', 'INSERT') THEN
        GRANT USAGE ON SCHEMA audit TO pengcheng_evidence;
        GRANT INSERT ON audit.evidence, audit.context TO pengcheng_evidence;
    END IF;
    RETURN true;
EXCEPTION
    WHEN insufficient_privilege OR duplicate_object OR unique_violation THEN
        RETURN false;
END
$$;
