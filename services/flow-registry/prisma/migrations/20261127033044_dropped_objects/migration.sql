-- CreateTable
CREATE TABLE "dropped_object" (
    "sha256" TEXT NOT NULL,
    "organisation_id" UUID NOT NULL,
    "team_id" UUID NOT NULL,
    "dropped_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "dropped_object_pkey" PRIMARY KEY ("sha256")
);

-- CreateIndex
CREATE INDEX "dropped_object_dropped_at_idx" ON "dropped_object"("dropped_at");

-- CreateIndex
CREATE INDEX "file_sha256_idx" ON "file"("sha256");
