-- CreateTable
CREATE TABLE "event" (
    "time" TIMESTAMPTZ(6) NOT NULL,
    "id" UUID NOT NULL,
    "organisation_id" UUID NOT NULL,
    "team_id" UUID NOT NULL,
    "actor_id" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "object_id" TEXT NOT NULL,
    "result" TEXT NOT NULL,
    "content" TEXT NOT NULL,
    "recorded_at" TIMESTAMPTZ(6) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "event_pkey" PRIMARY KEY ("time","id")
) PARTITION BY RANGE ("time");

-- CreateIndex
CREATE INDEX "event_team_id_time_id_idx" ON "event"("team_id", "time", "id");

-- CreateIndex
CREATE INDEX "event_team_id_actor_id_time_id_idx" ON "event"("team_id", "actor_id", "time", "id");

-- CreateIndex
CREATE INDEX "event_team_id_action_time_id_idx" ON "event"("team_id", "action", "time", "id");

-- CreateIndex
CREATE INDEX "event_team_id_object_id_time_id_idx" ON "event"("team_id", "object_id", "time", "id");

-- What schema.prisma cannot say follows; PARTITION BY above is by hand, too.

-- Refusals and failures are rare and looked for; successes are found by the other indexes.
CREATE INDEX "event_team_id_result_time_id_idx" ON "event" ("team_id", "result", "time", "id") WHERE "result" <> 'succeeded';

-- The login that runs adds and reads events. It may not change or remove one, and it cannot reach a partition directly.
REVOKE ALL ON "event" FROM audit;
GRANT SELECT, INSERT ON "event" TO audit;

-- Makes the partition of a month. It runs with the owner's rights, which is why it does one thing only and bounds it.
-- A default partition instead would keep late events from ever moving into a month of their own, and so from leaving with it.
CREATE FUNCTION "ensure_event_month"("day" date) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = audit, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  first date := date_trunc('month', day);
  partition text := 'event_' || to_char(day, 'YYYY_MM');
BEGIN
  IF first < date '2020-01-01' OR first > now() + interval '2 months' THEN
    RAISE EXCEPTION 'no partition for %: events are kept from 2020 until two months ahead', day
      USING ERRCODE = 'check_violation';
  END IF;
  IF to_regclass(partition) IS NOT NULL THEN RETURN; END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended(partition, 0));
  -- Not to_regclass: it answers from a cache that does not yet know what another made while this one waited.
  IF EXISTS (SELECT FROM pg_class WHERE relname = partition AND relnamespace = 'audit'::regnamespace) THEN RETURN; END IF;
  -- Attaching lets readers and writers of the table go on; CREATE TABLE … PARTITION OF would stop them.
  EXECUTE format('CREATE TABLE %I (LIKE event INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE)', partition);
  EXECUTE format('REVOKE ALL ON %I FROM audit', partition);
  EXECUTE format('ALTER TABLE event ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
    partition, first::timestamptz, (first + interval '1 month')::timestamptz);
END $$;
REVOKE ALL ON FUNCTION "ensure_event_month"(date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION "ensure_event_month"(date) TO audit;
