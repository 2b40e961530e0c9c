-- DropForeignKey
ALTER TABLE "flow" DROP CONSTRAINT "flow_source_id_fkey";

-- DropForeignKey
ALTER TABLE "flow_version" DROP CONSTRAINT "flow_version_flow_id_fkey";

-- DropForeignKey
ALTER TABLE "compiled_plan" DROP CONSTRAINT "compiled_plan_flow_id_version_hash_fkey";

-- AlterTable
ALTER TABLE "flow_version" ADD COLUMN     "replaced_at" TIMESTAMPTZ(3);

-- CreateIndex
CREATE INDEX "flow_project_id_idx" ON "flow"("project_id");

-- CreateIndex
CREATE INDEX "flow_source_id_idx" ON "flow"("source_id");

-- CreateIndex
CREATE INDEX "file_created_at_idx" ON "file"("created_at");

-- AddForeignKey
ALTER TABLE "flow" ADD CONSTRAINT "flow_source_id_fkey" FOREIGN KEY ("source_id") REFERENCES "source"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "flow_version" ADD CONSTRAINT "flow_version_flow_id_fkey" FOREIGN KEY ("flow_id") REFERENCES "flow"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "compiled_plan" ADD CONSTRAINT "compiled_plan_flow_id_version_hash_fkey" FOREIGN KEY ("flow_id", "version_hash") REFERENCES "flow_version"("flow_id", "version_hash") ON DELETE CASCADE ON UPDATE CASCADE;

-- What schema.prisma cannot say.

-- Since when versions are replaced was not written down: from now on.
UPDATE "flow_version" v SET "replaced_at" = now() FROM "flow" f WHERE f."id" = v."flow_id" AND f."version_hash" <> v."version_hash";

-- A version's content is immutable still. One that its flow names cannot be deleted: the flow's key to it refuses that.
GRANT UPDATE ("replaced_at"), DELETE ON "flow_version" TO flow_registry;
