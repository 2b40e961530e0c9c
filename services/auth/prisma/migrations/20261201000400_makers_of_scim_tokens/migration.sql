-- AlterTable
ALTER TABLE "scim_token" ADD COLUMN     "made_by_user_id" UUID;
