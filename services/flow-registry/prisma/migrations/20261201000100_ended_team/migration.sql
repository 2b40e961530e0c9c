-- CreateTable
CREATE TABLE "ended_team" (
    "team_id" UUID NOT NULL,
    "organisation_id" UUID NOT NULL,
    "ended_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "ended_team_pkey" PRIMARY KEY ("team_id")
);
