-- AlterTable
ALTER TABLE "api_key" ADD COLUMN     "made_by_token_id" UUID;
