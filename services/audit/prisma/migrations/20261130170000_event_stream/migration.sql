-- CreateTable
CREATE TABLE "event_stream" (
    "organisation_id" UUID NOT NULL,
    "url" TEXT NOT NULL,
    "seed" TEXT NOT NULL,
    "sent_seq" BIGINT NOT NULL,
    "failures" INTEGER NOT NULL DEFAULT 0,
    "last_error" TEXT,
    "next_try_at" TIMESTAMPTZ(6) NOT NULL DEFAULT clock_timestamp(),
    "paused_at" TIMESTAMPTZ(6),
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "event_stream_pkey" PRIMARY KEY ("organisation_id")
);
