-- AlterTable
ALTER TABLE "role_binding" ADD COLUMN     "team_id" UUID;

-- CreateIndex
CREATE INDEX "role_binding_team_id_object_id_idx" ON "role_binding"("team_id", "object_id");

-- What schema.prisma cannot say.

ALTER TABLE "role_binding" DROP CONSTRAINT "role_binding_level";
ALTER TABLE "role_binding" ADD CONSTRAINT "role_binding_level" CHECK ("level" IN ('organisation', 'team', 'project', 'flow'));
ALTER TABLE "role_binding" ADD CONSTRAINT "role_binding_team"
  CHECK (("level" IN ('project', 'flow')) = ("team_id" IS NOT NULL));
