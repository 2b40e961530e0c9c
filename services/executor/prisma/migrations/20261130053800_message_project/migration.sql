-- AlterTable
ALTER TABLE "message" ADD COLUMN     "project_id" UUID;
