-- AlterTable
ALTER TABLE "execution" ADD COLUMN     "paused_at" TIMESTAMPTZ(6);
