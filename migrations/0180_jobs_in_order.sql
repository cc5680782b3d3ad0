-- Jobs of one kind and object that must run in the order they were put in: a month's replacement and the
-- correction sent after it.
ALTER TABLE jobs.job ADD COLUMN in_order boolean NOT NULL DEFAULT false;
-- The end of one is what the next waits for.
CREATE TRIGGER wake_on_end AFTER UPDATE OF state ON jobs.job
    FOR EACH ROW WHEN (NEW.in_order AND OLD.state IN ('queued', 'running')
                       AND NEW.state NOT IN ('queued', 'running'))
    EXECUTE FUNCTION jobs.wake();
