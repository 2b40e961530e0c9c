-- CreateTable
CREATE TABLE "flow_hook" (
    "flow_id" UUID NOT NULL,
    "organisation_id" UUID NOT NULL,
    "team_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "token_hash" TEXT NOT NULL,
    "sealed_secret" TEXT,
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "flow_hook_pkey" PRIMARY KEY ("flow_id")
);

-- CreateIndex
CREATE UNIQUE INDEX "flow_hook_token_hash_key" ON "flow_hook"("token_hash");

-- AddForeignKey
ALTER TABLE "flow_hook" ADD CONSTRAINT "flow_hook_flow_id_fkey" FOREIGN KEY ("flow_id") REFERENCES "flow"("id") ON DELETE CASCADE ON UPDATE CASCADE;
