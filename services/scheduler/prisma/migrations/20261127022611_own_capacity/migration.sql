-- AlterTable
ALTER TABLE "slot" ADD COLUMN     "own_capacity" INTEGER;
