-- CreateTable
CREATE TABLE "run" (
    "id" UUID NOT NULL,
    "organisation_id" UUID NOT NULL,
    "team_id" UUID NOT NULL,
    "project_id" UUID NOT NULL,
    "flow_id" UUID NOT NULL,
    "version_hash" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "trigger" TEXT NOT NULL,
    "principal_id" TEXT NOT NULL,
    "envelope" TEXT,
    "submitted_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
    "released_at" TIMESTAMPTZ(6),
    "queue_expires_at" TIMESTAMPTZ(6) NOT NULL,
    "asked_at" TIMESTAMPTZ(6),
    "finished_at" TIMESTAMPTZ(6),
    "error_code" TEXT,
    "error_message" TEXT,

    CONSTRAINT "run_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "idempotency" (
    "team_id" UUID NOT NULL,
    "key" TEXT NOT NULL,
    "request_hash" TEXT NOT NULL,
    "run_id" UUID NOT NULL,
    "organisation_id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "idempotency_pkey" PRIMARY KEY ("team_id","key")
);

-- CreateTable
CREATE TABLE "slot" (
    "team_id" UUID NOT NULL,
    "organisation_id" UUID NOT NULL,
    "held" INTEGER NOT NULL DEFAULT 0,
    "capacity" INTEGER NOT NULL,

    CONSTRAINT "slot_pkey" PRIMARY KEY ("team_id")
);

-- CreateTable
CREATE TABLE "outbox" (
    "id" UUID NOT NULL,
    "subject" TEXT NOT NULL,
    "payload" TEXT NOT NULL,
    "organisation_id" UUID NOT NULL,
    "team_id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "outbox_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "run_team_id_submitted_at_id_idx" ON "run"("team_id", "submitted_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "run_flow_id_submitted_at_id_idx" ON "run"("flow_id", "submitted_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "idempotency_created_at_idx" ON "idempotency"("created_at");

-- What schema.prisma cannot say.

-- Only what is looked for: runs that wait, runs that were handed over, runs whose time in the queue ends.
CREATE INDEX "run_queued" ON "run" ("team_id", "submitted_at", "id") WHERE "status" = 'queued';
CREATE INDEX "run_released" ON "run" ("asked_at") WHERE "status" = 'released';
CREATE INDEX "run_queue_expiry" ON "run" ("queue_expires_at") WHERE "status" = 'queued';

ALTER TABLE "run" ADD CONSTRAINT "run_status" CHECK (
  "status" IN ('queued', 'released', 'succeeded', 'failed', 'cancelled', 'timed_out', 'dead')
);
ALTER TABLE "run" ADD CONSTRAINT "run_finished" CHECK (("finished_at" IS NULL) = ("status" IN ('queued', 'released')));
ALTER TABLE "slot" ADD CONSTRAINT "slot_held" CHECK ("held" >= 0);

-- Slot rows change with every batch: room in the page keeps those changes off the index.
ALTER TABLE "slot" SET (fillfactor = 50);
