-- AlterTable
ALTER TABLE "slot" ADD COLUMN     "capacity_since" TIMESTAMPTZ(6) NOT NULL DEFAULT clock_timestamp();
