-- AlterTable
ALTER TABLE "slot" DROP CONSTRAINT "slot_pkey",
ADD COLUMN     "id" UUID,
ADD COLUMN     "scope" TEXT,
ADD COLUMN     "waiting" INTEGER NOT NULL DEFAULT 0;

-- What schema.prisma cannot say.

-- The rows there are were of teams; flows and the system get theirs from the runs there are.
UPDATE "slot" SET "scope" = 'team', "id" = "team_id",
  "waiting" = (SELECT count(*) FROM "run" WHERE "run"."team_id" = "slot"."team_id" AND "status" = 'queued');
INSERT INTO "slot" ("scope", "id", "organisation_id", "team_id", "held", "waiting", "capacity")
SELECT 'flow', "flow_id", min("organisation_id"::text)::uuid, min("team_id"::text)::uuid,
       count(*) FILTER (WHERE "status" = 'released'), count(*) FILTER (WHERE "status" = 'queued'), 256
FROM "run" WHERE "status" IN ('released', 'queued') GROUP BY "flow_id";
INSERT INTO "slot" ("scope", "id", "organisation_id", "team_id", "held", "waiting", "capacity")
SELECT 'system', z, z, z, count(*) FILTER (WHERE "status" = 'released'), count(*) FILTER (WHERE "status" = 'queued'), 64
FROM "run" CROSS JOIN (SELECT '00000000-0000-0000-0000-000000000000'::uuid AS z) zeros
WHERE "status" IN ('released', 'queued') GROUP BY z;
INSERT INTO "slot" ("scope", "id", "organisation_id", "team_id", "capacity")
SELECT 'system', z, z, z, 64 FROM (SELECT '00000000-0000-0000-0000-000000000000'::uuid AS z) zeros
WHERE NOT EXISTS (SELECT FROM "slot" WHERE "scope" = 'system');

ALTER TABLE "slot" ALTER COLUMN "id" SET NOT NULL,
ALTER COLUMN "scope" SET NOT NULL,
ADD CONSTRAINT "slot_pkey" PRIMARY KEY ("scope", "id"),
ADD CONSTRAINT "slot_scope" CHECK ("scope" IN ('flow', 'team', 'system')),
ADD CONSTRAINT "slot_waiting" CHECK ("waiting" >= 0);

-- CreateTable
CREATE TABLE "lane" (
    "team_id" UUID NOT NULL,
    "trigger" TEXT NOT NULL,
    "organisation_id" UUID NOT NULL,
    "waiting" INTEGER NOT NULL DEFAULT 0,
    "turn" DOUBLE PRECISION NOT NULL DEFAULT 0,

    CONSTRAINT "lane_pkey" PRIMARY KEY ("team_id","trigger")
);

INSERT INTO "lane" ("team_id", "trigger", "organisation_id", "waiting")
SELECT "team_id", "trigger", min("organisation_id"::text)::uuid, count(*) FROM "run" WHERE "status" = 'queued' GROUP BY 1, 2;
ALTER TABLE "lane" ADD CONSTRAINT "lane_waiting" CHECK ("waiting" >= 0);
ALTER TABLE "lane" SET (fillfactor = 50);

-- Runs wait by flow and class; the few flows for which any wait are found without the others.
DROP INDEX "run_queued";
CREATE INDEX "run_queued" ON "run" ("flow_id", "trigger", "submitted_at", "id") WHERE "status" = 'queued';
CREATE INDEX "slot_waiting_flows" ON "slot" ("id") WHERE "scope" = 'flow' AND "waiting" > 0;
