-- What else ends a caller that a process remembers (include/pengcheng/db/changes.hpp). When a secret was last
-- used and when a session was last seen decide nothing, nor does a session that had run out anyway.
CREATE TRIGGER tell_change AFTER DELETE ON identity.session
    FOR EACH ROW WHEN (OLD.expires_at > now()) EXECUTE FUNCTION base.tell_change('identity');
CREATE TRIGGER tell_change_of_end AFTER UPDATE ON identity.session
    FOR EACH ROW WHEN (NEW.expires_at <> OLD.expires_at OR NEW.last_seen_at < OLD.last_seen_at)
    EXECUTE FUNCTION base.tell_change('identity');
CREATE TRIGGER tell_change AFTER DELETE OR UPDATE OF retired_at ON identity.client_secret
    FOR EACH STATEMENT EXECUTE FUNCTION base.tell_change('identity');
CREATE TRIGGER tell_change AFTER INSERT OR UPDATE OR DELETE ON identity.signing_key
    FOR EACH STATEMENT EXECUTE FUNCTION base.tell_change('identity');
CREATE TRIGGER tell_change AFTER INSERT OR UPDATE OF confirmed_at OR DELETE ON identity.totp
    FOR EACH STATEMENT EXECUTE FUNCTION base.tell_change('identity');
