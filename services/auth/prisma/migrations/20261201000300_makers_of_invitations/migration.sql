-- AlterTable
ALTER TABLE "invitation" ADD COLUMN     "made_by_id" UUID,
ADD COLUMN     "made_by_token_id" UUID;
