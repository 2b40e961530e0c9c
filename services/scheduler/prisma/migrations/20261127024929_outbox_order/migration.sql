-- CreateIndex
CREATE INDEX "outbox_subject_id_idx" ON "outbox"("subject", "id");
