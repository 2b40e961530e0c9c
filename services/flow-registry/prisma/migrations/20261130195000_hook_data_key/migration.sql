-- AlterTable
ALTER TABLE "flow_hook" ADD COLUMN     "data_key_id" TEXT;

-- CreateIndex
CREATE INDEX "flow_hook_organisation_id_data_key_id_idx" ON "flow_hook"("organisation_id", "data_key_id");
