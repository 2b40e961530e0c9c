-- CreateTable
CREATE TABLE "data_key" (
    "id" UUID NOT NULL,
    "organisation_id" UUID NOT NULL,
    "wrapped" TEXT NOT NULL,
    "master_id" TEXT NOT NULL,
    "is_current" BOOLEAN NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "data_key_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "old_master_key" (
    "id" TEXT NOT NULL,
    "wrapped" TEXT NOT NULL,
    "master_id" TEXT NOT NULL,

    CONSTRAINT "old_master_key_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "data_key_organisation_id_created_at_idx" ON "data_key"("organisation_id", "created_at");

-- CreateIndex
CREATE INDEX "data_key_master_id_idx" ON "data_key"("master_id");

-- AddForeignKey
ALTER TABLE "data_key" ADD CONSTRAINT "data_key_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisation"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- What schema.prisma cannot say.

-- An organisation has one current data key.
CREATE UNIQUE INDEX "data_key_current" ON "data_key"("organisation_id") WHERE "is_current";

-- A data key is needed as long as anything that it sealed is kept.
REVOKE DELETE ON "data_key" FROM auth;

-- A store that was used before has values that the master key itself sealed. Auth stores those keys at its next start.
INSERT INTO "old_master_key" ("id", "wrapped", "master_id")
  SELECT 'pending', '', '' WHERE EXISTS (SELECT 1 FROM "api_key");
