-- AlterTable
ALTER TABLE "oauth_client" ADD COLUMN     "device_flow" BOOLEAN NOT NULL DEFAULT false;

-- CreateTable
CREATE TABLE "oauth_device_code" (
    "id" UUID NOT NULL,
    "token_hash" TEXT NOT NULL,
    "user_code_hash" TEXT NOT NULL,
    "organisation_id" UUID NOT NULL,
    "client_id" UUID NOT NULL,
    "network" TEXT,
    "content" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "decided_at" TIMESTAMPTZ(3),
    "polled_at" TIMESTAMPTZ(3),
    "interval_s" INTEGER NOT NULL DEFAULT 5,
    "consumed_at" TIMESTAMPTZ(3),

    CONSTRAINT "oauth_device_code_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "oauth_device_code_token_hash_key" ON "oauth_device_code"("token_hash");

-- CreateIndex
CREATE UNIQUE INDEX "oauth_device_code_user_code_hash_key" ON "oauth_device_code"("user_code_hash");

-- CreateIndex
CREATE INDEX "oauth_device_code_client_id_expires_at_idx" ON "oauth_device_code"("client_id", "expires_at");

-- CreateIndex
CREATE INDEX "oauth_device_code_expires_at_idx" ON "oauth_device_code"("expires_at");

-- AddForeignKey
ALTER TABLE "oauth_device_code" ADD CONSTRAINT "oauth_device_code_client_id_fkey" FOREIGN KEY ("client_id") REFERENCES "oauth_client"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What schema.prisma cannot say.

ALTER TABLE "oauth_client" ADD CONSTRAINT "oauth_client_device_flow" CHECK ("kind" <> 'service' OR NOT "device_flow");
ALTER TABLE "oauth_device_code" ADD CONSTRAINT "oauth_device_code_hash_shape" CHECK ("token_hash" ~ '^[0-9a-f]{64}$' AND "user_code_hash" ~ '^[0-9a-f]{64}$');
