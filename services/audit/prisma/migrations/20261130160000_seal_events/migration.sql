-- An event about the whole organisation has no team.
ALTER TABLE "event" ALTER COLUMN "team_id" DROP NOT NULL,
  ADD COLUMN "object_type" TEXT,
  ADD COLUMN "address" TEXT,
  ADD COLUMN "request_id" TEXT,
  ADD COLUMN "run_id" TEXT,
  ADD COLUMN "words" TEXT;

-- CreateTable
CREATE TABLE "event_seal" (
    "time" TIMESTAMPTZ(6) NOT NULL,
    "id" UUID NOT NULL,
    "organisation_id" UUID NOT NULL,
    "seq" BIGINT NOT NULL,
    "hash" BYTEA NOT NULL,

    CONSTRAINT "event_seal_pkey" PRIMARY KEY ("time","id")
) PARTITION BY RANGE ("time");

-- CreateTable
CREATE TABLE "removed_seal" (
    "organisation_id" UUID NOT NULL,
    "seq" BIGINT NOT NULL,
    "hash" BYTEA NOT NULL,

    CONSTRAINT "removed_seal_pkey" PRIMARY KEY ("organisation_id","seq")
);

-- CreateTable
CREATE TABLE "checkpoint" (
    "organisation_id" UUID NOT NULL,
    "number" BIGINT NOT NULL,
    "from_seq" BIGINT NOT NULL,
    "to_seq" BIGINT NOT NULL,
    "content" TEXT NOT NULL,
    "signature" TEXT NOT NULL,
    "made_at" TIMESTAMPTZ(6) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "checkpoint_pkey" PRIMARY KEY ("organisation_id","number")
);

-- CreateIndex
CREATE UNIQUE INDEX "event_seal_organisation_id_seq_time_key" ON "event_seal"("organisation_id", "seq", "time");

-- CreateIndex
CREATE UNIQUE INDEX "checkpoint_organisation_id_from_seq_key" ON "checkpoint"("organisation_id", "from_seq");

-- What schema.prisma cannot say follows; PARTITION BY above is by hand, too.

-- Events that are older than the new columns are found by them, too. A text with characters that jsonb cannot hold stays without.
UPDATE "event" SET
    "object_type" = "content"::jsonb #>> '{object,type}', "address" = "content"::jsonb #>> '{from,address}',
    "request_id" = "content"::jsonb ->> 'requestId', "run_id" = "content"::jsonb ->> 'runId',
    "words" = left(lower(concat_ws(' ', "content"::jsonb #>> '{actor,name}', "action", "content"::jsonb #>> '{object,name}',
      "content"::jsonb ->> 'code', "content"::jsonb #>> '{from,userAgent}')), 2000)
  WHERE "content" !~ '\\u(0000|[dD][89a-fA-F])';

-- Each filter has an index that ends in (time, id). One that finds few events needs no team before it.
DROP INDEX "event_team_id_actor_id_time_id_idx", "event_team_id_object_id_time_id_idx";
CREATE INDEX "event_organisation_id_time_id_idx" ON "event" ("organisation_id", "time", "id");
CREATE INDEX "event_organisation_id_action_time_id_idx" ON "event" ("organisation_id", "action", "time", "id");
CREATE INDEX "event_organisation_id_object_type_time_id_idx" ON "event" ("organisation_id", "object_type", "time", "id");
CREATE INDEX "event_actor_id_time_id_idx" ON "event" ("actor_id", "time", "id");
CREATE INDEX "event_object_id_time_id_idx" ON "event" ("object_id", "time", "id");
CREATE INDEX "event_organisation_id_result_time_id_idx" ON "event" ("organisation_id", "result", "time", "id") WHERE "result" <> 'succeeded';
CREATE INDEX "event_address_time_id_idx" ON "event" ("address", "time", "id") WHERE "address" IS NOT NULL;
CREATE INDEX "event_request_id_idx" ON "event" ("request_id") WHERE "request_id" IS NOT NULL;
CREATE INDEX "event_run_id_idx" ON "event" ("run_id") WHERE "run_id" IS NOT NULL;

-- The login that runs adds and reads rows, as with events.
REVOKE ALL ON "event_seal", "removed_seal", "checkpoint" FROM audit;
GRANT SELECT, INSERT ON "event_seal", "removed_seal", "checkpoint" TO audit;

-- When the chain began. Events that were recorded before have no seal yet: they become block 0.
DO $$ BEGIN
  EXECUTE format('CREATE FUNCTION chain_began() RETURNS timestamptz LANGUAGE sql IMMUTABLE AS %L', format('SELECT %L::timestamptz', clock_timestamp()));
END $$;

-- Makes the index that finds words within a month's events, where Postgres has trigrams. It costs disk and time with each event, so only
-- this month and the one before it have it.
CREATE FUNCTION "ensure_words_index"("partition" text) RETURNS void
  LANGUAGE plpgsql SET search_path = audit, pg_temp AS $$
DECLARE
  trigrams text := (SELECT format('%I.%I', n.nspname, o.opcname) FROM pg_opclass o JOIN pg_namespace n ON n.oid = o.opcnamespace
                    WHERE o.opcname = 'gin_trgm_ops');
BEGIN
  IF trigrams IS NOT NULL THEN
    -- Every search reads all of the pending list, and whoever fills it has to empty it: a short one delays both less.
    EXECUTE format('CREATE INDEX IF NOT EXISTS %I ON %I USING gin (words %s) WITH (gin_pending_list_limit = 256)',
      partition || '_words_idx', partition, trigrams);
  END IF;
END $$;
REVOKE ALL ON FUNCTION "ensure_words_index"(text) FROM PUBLIC, audit;

-- As before, and also the partition of the seals.
CREATE OR REPLACE FUNCTION "ensure_event_month"("day" date) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = audit, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  first date := date_trunc('month', day);
  months text := to_char(day, 'YYYY_MM');
  parent text;
  partition text;
BEGIN
  IF first < date '2020-01-01' OR first > now() + interval '2 months' THEN
    RAISE EXCEPTION 'no partition for %: events are kept from 2020 until two months ahead', day
      USING ERRCODE = 'check_violation';
  END IF;
  IF to_regclass('event_' || months) IS NOT NULL AND to_regclass('event_seal_' || months) IS NOT NULL THEN RETURN; END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('event_' || months, 0));
  FOREACH parent IN ARRAY ARRAY['event', 'event_seal'] LOOP
    partition := parent || '_' || months;
    -- Not to_regclass: it answers from a cache that does not yet know what another made while this one waited.
    CONTINUE WHEN EXISTS (SELECT FROM pg_class WHERE relname = partition AND relnamespace = 'audit'::regnamespace);
    -- Attaching lets readers and writers of the table go on; CREATE TABLE … PARTITION OF would stop them.
    EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE)', partition, parent);
    EXECUTE format('REVOKE ALL ON %I FROM audit', partition);
    EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
      parent, partition, first::timestamptz, (first + interval '1 month')::timestamptz);
  END LOOP;
  IF first >= date_trunc('month', now()) - interval '1 month' THEN PERFORM ensure_words_index('event_' || months); END IF;
END $$;

-- As before, and also the partition of the seals.
CREATE OR REPLACE FUNCTION "drop_event_month"("day" date) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = audit, pg_temp SET timezone = 'UTC' SET lock_timeout = '2s' AS $$
DECLARE
  months text := to_char(day, 'YYYY_MM');
BEGIN
  IF date_trunc('month', day) >= date_trunc('month', now()) - interval '3 months' THEN
    RAISE EXCEPTION 'the events of % are too young to be dropped: this month and the three before it are kept', to_char(day, 'YYYY-MM')
      USING ERRCODE = 'check_violation';
  END IF;
  -- Writers wait while this waits for its lock: after two seconds it gives way and is tried again later.
  EXECUTE format('DROP TABLE IF EXISTS %I, %I', 'event_' || months, 'event_seal_' || months);
END $$;

-- Drops the indexes of words of all months before the last one. It runs with the owner's rights and does this one thing.
CREATE FUNCTION "drop_old_words_indexes"() RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = audit, pg_temp SET timezone = 'UTC' SET lock_timeout = '2s' AS $$
DECLARE
  old text;
BEGIN
  FOR old IN SELECT relname FROM pg_class
    WHERE relnamespace = 'audit'::regnamespace AND relkind = 'i' AND relname ~ '^event_[0-9]{4}_[0-9]{2}_words_idx$'
      AND relname < 'event_' || to_char(now() - interval '1 month', 'YYYY_MM')
  LOOP
    EXECUTE format('DROP INDEX IF EXISTS %I', old);
  END LOOP;
END $$;
REVOKE ALL ON FUNCTION "drop_old_words_indexes"() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION "drop_old_words_indexes"() TO audit;

-- The months that exist get the partition of their seals, and the last two their index of words.
DO $$
DECLARE
  partition text;
BEGIN
  FOR partition IN SELECT relname FROM pg_class WHERE relnamespace = 'audit'::regnamespace AND relkind = 'r' AND relname ~ '^event_[0-9]{4}_[0-9]{2}$' LOOP
    PERFORM ensure_event_month(to_date(right(partition, 7), 'YYYY_MM'));
  END LOOP;
END $$;
