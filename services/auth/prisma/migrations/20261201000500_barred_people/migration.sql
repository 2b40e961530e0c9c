-- CreateTable
CREATE TABLE "barred_person" (
    "id" UUID NOT NULL,
    "organisation_id" UUID NOT NULL,
    "connection_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "hashes" TEXT[],
    "deleted_by_kind" TEXT NOT NULL,
    "deleted_by_id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "barred_person_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "barred_person_hashes_idx" ON "barred_person" USING GIN ("hashes");

-- CreateIndex
CREATE INDEX "barred_person_organisation_id_created_at_id_idx" ON "barred_person"("organisation_id", "created_at", "id");

-- CreateIndex
CREATE INDEX "barred_person_connection_id_idx" ON "barred_person"("connection_id");

-- CreateIndex
CREATE INDEX "barred_person_user_id_idx" ON "barred_person"("user_id");

-- AddForeignKey
ALTER TABLE "barred_person" ADD CONSTRAINT "barred_person_connection_id_fkey" FOREIGN KEY ("connection_id") REFERENCES "connection"("id") ON DELETE CASCADE ON UPDATE CASCADE;
