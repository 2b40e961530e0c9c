-- AlterTable
ALTER TABLE "slot" ADD COLUMN     "own_capacity" INTEGER;

-- What schema.prisma cannot say.

-- A capacity that was set by hand stays.
UPDATE "slot" SET "own_capacity" = "capacity" WHERE "scope" <> 'system' AND "capacity" <> 256;
