-- AlterTable
ALTER TABLE "flow" ADD COLUMN     "published_hash" TEXT;

-- CreateIndex
CREATE UNIQUE INDEX "flow_id_published_hash_key" ON "flow"("id", "published_hash");

-- AddForeignKey
ALTER TABLE "flow" ADD CONSTRAINT "flow_id_published_hash_fkey" FOREIGN KEY ("id", "published_hash") REFERENCES "flow_version"("flow_id", "version_hash") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- What schema.prisma cannot say.

-- Checked at commit, as for the current version: flow and version refer to each other, and are deleted together.
ALTER TABLE "flow" ALTER CONSTRAINT "flow_id_published_hash_fkey" DEFERRABLE INITIALLY DEFERRED;
