-- Caches of a process hold what callers, grants, entries and tables were; a statement that changes one of
-- these tells every process at its commit (include/pengcheng/db/changes.hpp). The topic is the trigger's argument.
CREATE FUNCTION base.tell_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('pengcheng_changes', TG_ARGV[0]);
    RETURN NULL;
END
$$;

-- A new session or token is not in any cache yet, so only their changes and ends are told.
CREATE TRIGGER tell_change AFTER UPDATE OR DELETE ON identity.account
    FOR EACH STATEMENT EXECUTE FUNCTION base.tell_change('identity');
CREATE TRIGGER tell_change AFTER INSERT OR UPDATE OR DELETE ON identity.role_assignment
    FOR EACH STATEMENT EXECUTE FUNCTION base.tell_change('identity');
CREATE TRIGGER tell_change AFTER UPDATE OR DELETE ON identity.client
    FOR EACH STATEMENT EXECUTE FUNCTION base.tell_change('identity');
CREATE TRIGGER tell_change AFTER INSERT OR UPDATE OR DELETE ON identity.organization
    FOR EACH STATEMENT EXECUTE FUNCTION base.tell_change('identity');
CREATE TRIGGER tell_change AFTER INSERT OR UPDATE OR DELETE ON exchange.access_grant
    FOR EACH STATEMENT EXECUTE FUNCTION base.tell_change('exchange');
CREATE TRIGGER tell_change AFTER INSERT OR UPDATE OR DELETE ON catalogue.resource
    FOR EACH STATEMENT EXECUTE FUNCTION base.tell_change('catalogue');
CREATE TRIGGER tell_change AFTER INSERT OR UPDATE OR DELETE ON catalogue.edition
    FOR EACH STATEMENT EXECUTE FUNCTION base.tell_change('catalogue');
CREATE TRIGGER tell_change AFTER INSERT OR UPDATE OR DELETE ON store.resource_table
    FOR EACH STATEMENT EXECUTE FUNCTION base.tell_change('store');
