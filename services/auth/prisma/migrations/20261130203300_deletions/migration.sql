ALTER TABLE "team" ADD COLUMN "deleted_at" TIMESTAMPTZ(3);
ALTER TABLE "user" ADD COLUMN "deleted_at" TIMESTAMPTZ(3);
ALTER TABLE "service_account" ADD COLUMN "deleted_at" TIMESTAMPTZ(3);

DROP INDEX "team_organisation_id_name_key";
CREATE UNIQUE INDEX "team_name_live_key" ON "team" ("organisation_id", "name") WHERE "deleted_at" IS NULL;
CREATE INDEX "team_organisation_id_created_at_id_idx" ON "team"("organisation_id", "created_at", "id");
DROP INDEX "service_account_team_id_name_key";
CREATE UNIQUE INDEX "service_account_name_live_key" ON "service_account" ("team_id", "name") WHERE "deleted_at" IS NULL;
CREATE INDEX "service_account_team_id_created_at_id_idx" ON "service_account"("team_id", "created_at", "id");
