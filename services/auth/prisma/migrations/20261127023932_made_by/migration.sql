-- AlterTable
ALTER TABLE "api_key" ADD COLUMN     "made_by_id" UUID;

-- CreateIndex
CREATE INDEX "api_key_made_by_id_idx" ON "api_key"("made_by_id");

-- AddForeignKey
ALTER TABLE "api_key" ADD CONSTRAINT "api_key_made_by_id_fkey" FOREIGN KEY ("made_by_id") REFERENCES "api_key"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
