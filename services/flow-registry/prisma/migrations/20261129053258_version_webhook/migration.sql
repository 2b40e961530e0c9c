-- AlterTable
ALTER TABLE "compiled_plan" ADD COLUMN     "has_webhook" BOOLEAN NOT NULL DEFAULT false;
