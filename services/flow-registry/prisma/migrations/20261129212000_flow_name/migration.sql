-- What schema.prisma cannot say.

-- Runs and webhooks find a flow by its name too.
CREATE INDEX "flow_team_name_live_idx" ON "flow" ("team_id", "name") WHERE "deleted_at" IS NULL;
