-- CreateTable
CREATE TABLE "execution" (
    "run_id" UUID NOT NULL,
    "organisation_id" UUID NOT NULL,
    "team_id" UUID NOT NULL,
    "project_id" UUID NOT NULL,
    "flow_id" UUID NOT NULL,
    "version_hash" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "epoch" INTEGER NOT NULL,
    "owner" UUID,
    "envelope" TEXT,
    "engine_version" INTEGER NOT NULL,
    "claimed_at" TIMESTAMPTZ(6),
    "deadline_at" TIMESTAMPTZ(6),
    "cancel_requested_at" TIMESTAMPTZ(6),
    "cancel_requested_by" TEXT,
    "finished_at" TIMESTAMPTZ(6),
    "result" TEXT,
    "error" TEXT,
    "last_seq" INTEGER NOT NULL DEFAULT 1,
    "tokens_used" INTEGER NOT NULL DEFAULT 0,
    "suspect" BOOLEAN NOT NULL DEFAULT false,
    "crashes" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "execution_pkey" PRIMARY KEY ("run_id")
);

-- CreateTable
CREATE TABLE "step_result" (
    "run_id" UUID NOT NULL,
    "path" TEXT COLLATE "C" NOT NULL,
    "organisation_id" UUID NOT NULL,
    "team_id" UUID NOT NULL,
    "seq" INTEGER NOT NULL,
    "epoch" INTEGER NOT NULL,
    "node_id" TEXT NOT NULL,
    "node_type" TEXT NOT NULL,
    "node_name" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "request_hash" TEXT,
    "outputs" TEXT,
    "closed_outputs" TEXT,
    "items" INTEGER,
    "input_tokens" INTEGER,
    "output_tokens" INTEGER,
    "model" TEXT,
    "possibly_paid_twice" BOOLEAN NOT NULL DEFAULT false,
    "error" TEXT,
    "started_at" TIMESTAMPTZ(6),
    "finished_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "step_result_pkey" PRIMARY KEY ("run_id","path")
);

-- CreateTable
CREATE TABLE "step_attempt" (
    "run_id" UUID NOT NULL,
    "path" TEXT COLLATE "C" NOT NULL,
    "epoch" INTEGER NOT NULL,
    "organisation_id" UUID NOT NULL,
    "team_id" UUID NOT NULL,
    "node_id" TEXT NOT NULL,
    "node_type" TEXT NOT NULL,
    "node_name" TEXT NOT NULL,
    "started_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "step_attempt_pkey" PRIMARY KEY ("run_id","path","epoch")
);

-- CreateTable
CREATE TABLE "effect" (
    "run_id" UUID NOT NULL,
    "path" TEXT COLLATE "C" NOT NULL,
    "organisation_id" UUID NOT NULL,
    "team_id" UUID NOT NULL,
    "epoch" INTEGER NOT NULL,
    "state" TEXT NOT NULL,
    "effects" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "idempotency_key" TEXT NOT NULL,
    "request_hash" TEXT NOT NULL,
    "intended_at" TIMESTAMPTZ(6) NOT NULL,
    "settled_at" TIMESTAMPTZ(6),

    CONSTRAINT "effect_pkey" PRIMARY KEY ("run_id","path")
);

-- CreateTable
CREATE TABLE "incident" (
    "run_id" UUID NOT NULL,
    "seq" INTEGER NOT NULL,
    "organisation_id" UUID NOT NULL,
    "team_id" UUID NOT NULL,
    "at" TIMESTAMPTZ(6) NOT NULL,
    "type" TEXT NOT NULL,
    "path" TEXT,
    "data" TEXT NOT NULL,

    CONSTRAINT "incident_pkey" PRIMARY KEY ("run_id","seq")
);

-- CreateTable
CREATE TABLE "message" (
    "id" UUID NOT NULL,
    "organisation_id" UUID NOT NULL,
    "team_id" UUID NOT NULL,
    "flow_id" UUID NOT NULL,
    "run_id" UUID,
    "session_id" TEXT COLLATE "C" NOT NULL,
    "context_id" TEXT NOT NULL,
    "sender" TEXT NOT NULL,
    "sender_name" TEXT NOT NULL,
    "error" BOOLEAN NOT NULL,
    "at" TIMESTAMPTZ(6) NOT NULL,
    "seq" INTEGER NOT NULL,
    "body" TEXT NOT NULL,

    CONSTRAINT "message_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "executor" (
    "id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "host" TEXT NOT NULL,
    "pid" INTEGER NOT NULL,
    "engine_version" INTEGER NOT NULL,
    "started_at" TIMESTAMPTZ(6) NOT NULL DEFAULT clock_timestamp(),
    "heartbeat_at" TIMESTAMPTZ(6) NOT NULL DEFAULT clock_timestamp(),
    "ended_at" TIMESTAMPTZ(6),

    CONSTRAINT "executor_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "outbox" (
    "id" UUID NOT NULL,
    "subject" TEXT NOT NULL,
    "payload" TEXT NOT NULL,
    "organisation_id" UUID NOT NULL,
    "team_id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "outbox_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "message_team_id_session_id_at_seq_id_idx" ON "message"("team_id", "session_id", "at", "seq", "id");

-- CreateIndex
CREATE INDEX "message_team_id_flow_id_at_seq_id_idx" ON "message"("team_id", "flow_id", "at", "seq", "id");

-- CreateIndex
CREATE INDEX "outbox_subject_id_idx" ON "outbox"("subject", "id");

-- What schema.prisma cannot say follows; COLLATE above is by hand, too: these columns are compared, never sorted for people.

-- Runs that are not over: few among many. Takeovers, deadlines, cancels and a runner's own look find them here.
CREATE INDEX "execution_live_idx" ON "execution" ("owner") WHERE "status" = 'running';

-- Everything that happened in a run, in one order: 1..last without gap once it is over. Starts, ends and steps are kept once only,
-- in the row that they are about.
CREATE VIEW "run_event" AS
SELECT "run_id", "organisation_id", "team_id", 1 AS "seq", "claimed_at" AS "at", 'run.started' AS "type", NULL::text AS "path",
       '{}' AS "data"
FROM "execution" WHERE "claimed_at" IS NOT NULL
UNION ALL
SELECT "run_id", "organisation_id", "team_id", "seq", "finished_at", 'step.' || "status", "path",
       json_build_object('nodeId', "node_id", 'nodeType', "node_type", 'nodeName', "node_name", 'epoch', "epoch",
                         'error', "error"::json)::text
FROM "step_result"
UNION ALL
SELECT "run_id", "organisation_id", "team_id", "seq", "at", "type", "path", "data" FROM "incident"
UNION ALL
SELECT "run_id", "organisation_id", "team_id", "last_seq", "finished_at", 'run.' || "status", NULL,
       json_build_object('epoch', "epoch", 'error', "error"::json)::text
FROM "execution" WHERE "finished_at" IS NOT NULL;
