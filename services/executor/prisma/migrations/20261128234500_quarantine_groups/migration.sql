-- AlterTable
ALTER TABLE "execution" ADD COLUMN     "quarantine" UUID;

-- AlterTable
ALTER TABLE "executor" ADD COLUMN     "process" TEXT;

-- What schema.prisma cannot say.

-- A run that was to be tried alone stays alone: it is a group of one.
UPDATE "execution" SET "quarantine" = "run_id" WHERE "suspect" AND "status" = 'running';
UPDATE "executor" SET "kind" = 'quarantine' WHERE "kind" = 'solo';

ALTER TABLE "execution" DROP COLUMN "suspect";
