-- AlterTable
ALTER TABLE "api_key" ADD COLUMN     "made_by_user_id" UUID;

-- AlterTable
ALTER TABLE "oauth_client" ADD COLUMN     "made_by_user_id" UUID;

-- CreateIndex
CREATE INDEX "api_key_made_by_user_id_idx" ON "api_key"("made_by_user_id");

-- CreateIndex
CREATE INDEX "oauth_client_made_by_user_id_idx" ON "oauth_client"("made_by_user_id");
