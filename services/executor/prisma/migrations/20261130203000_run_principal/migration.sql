ALTER TABLE "execution" ADD COLUMN "principal_id" TEXT;
