-- What schema.prisma cannot say.

-- Drops the partition of a month: whole months leave, never an event. It runs with the owner's rights, which is why it does one thing only
-- and bounds it: this month and the three before it cannot be dropped, whoever asks.
CREATE FUNCTION "drop_event_month"("day" date) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = audit, pg_temp SET timezone = 'UTC' SET lock_timeout = '2s' AS $$
DECLARE
  partition text := 'event_' || to_char(day, 'YYYY_MM');
BEGIN
  IF date_trunc('month', day) >= date_trunc('month', now()) - interval '3 months' THEN
    RAISE EXCEPTION 'the events of % are too young to be dropped: this month and the three before it are kept', to_char(day, 'YYYY-MM')
      USING ERRCODE = 'check_violation';
  END IF;
  -- Writers wait while this waits for its lock: after two seconds it gives way and is tried again later.
  EXECUTE format('DROP TABLE IF EXISTS %I', partition);
END $$;
REVOKE ALL ON FUNCTION "drop_event_month"(date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION "drop_event_month"(date) TO audit;
