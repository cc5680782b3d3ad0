-- A job that waits, and one that someone cancels, wake the runners of every process when it commits.
CREATE FUNCTION jobs.wake() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('pengcheng_jobs', '');
    RETURN NULL;
END
$$;
CREATE TRIGGER wake_on_insert AFTER INSERT ON jobs.job
    FOR EACH STATEMENT EXECUTE FUNCTION jobs.wake();
CREATE TRIGGER wake_on_change AFTER UPDATE OF state, cancel_requested ON jobs.job
    FOR EACH ROW WHEN (NEW.state = 'queued' OR NEW.cancel_requested AND NOT OLD.cancel_requested)
    EXECUTE FUNCTION jobs.wake();
