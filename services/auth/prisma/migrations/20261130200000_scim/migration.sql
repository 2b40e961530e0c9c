-- DropIndex
DROP INDEX "identity_connection_id_idx";

-- AlterTable
ALTER TABLE "connection" ADD COLUMN     "scim_id_claim" TEXT NOT NULL DEFAULT 'sub';

-- AlterTable
ALTER TABLE "identity" ADD COLUMN     "scim_id" TEXT;

-- CreateTable
CREATE TABLE "scim_token" (
    "id" UUID NOT NULL,
    "organisation_id" UUID NOT NULL,
    "connection_id" UUID NOT NULL,
    "token_hash" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_used_at" TIMESTAMPTZ(3),

    CONSTRAINT "scim_token_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "scim_user" (
    "id" UUID NOT NULL,
    "organisation_id" UUID NOT NULL,
    "connection_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "external_id" TEXT,
    "user_name_key" TEXT NOT NULL,
    "content" JSONB NOT NULL,
    "disabled_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "deleted_at" TIMESTAMPTZ(3),

    CONSTRAINT "scim_user_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "scim_group" (
    "id" UUID NOT NULL,
    "organisation_id" UUID NOT NULL,
    "connection_id" UUID NOT NULL,
    "group_id" UUID NOT NULL,
    "external_id" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "scim_group_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "scim_token_token_hash_key" ON "scim_token"("token_hash");

-- CreateIndex
CREATE INDEX "scim_token_connection_id_idx" ON "scim_token"("connection_id");

-- CreateIndex
CREATE INDEX "scim_user_connection_id_created_at_id_idx" ON "scim_user"("connection_id", "created_at", "id");

-- CreateIndex
CREATE INDEX "scim_user_user_id_idx" ON "scim_user"("user_id");

-- CreateIndex
CREATE UNIQUE INDEX "scim_user_connection_id_user_id_key" ON "scim_user"("connection_id", "user_id");

-- CreateIndex
CREATE UNIQUE INDEX "scim_user_connection_id_external_id_key" ON "scim_user"("connection_id", "external_id");

-- CreateIndex
CREATE UNIQUE INDEX "scim_group_group_id_key" ON "scim_group"("group_id");

-- CreateIndex
CREATE INDEX "scim_group_connection_id_created_at_id_idx" ON "scim_group"("connection_id", "created_at", "id");

-- CreateIndex
CREATE INDEX "identity_connection_id_scim_id_idx" ON "identity"("connection_id", "scim_id");

-- AddForeignKey
ALTER TABLE "scim_token" ADD CONSTRAINT "scim_token_connection_id_fkey" FOREIGN KEY ("connection_id") REFERENCES "connection"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "scim_user" ADD CONSTRAINT "scim_user_connection_id_fkey" FOREIGN KEY ("connection_id") REFERENCES "connection"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "scim_user" ADD CONSTRAINT "scim_user_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "user"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "scim_group" ADD CONSTRAINT "scim_group_connection_id_fkey" FOREIGN KEY ("connection_id") REFERENCES "connection"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "scim_group" ADD CONSTRAINT "scim_group_group_id_fkey" FOREIGN KEY ("group_id") REFERENCES "group"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- One user name belongs to one person of a connection; the name of somebody who was deleted there is free again.
CREATE UNIQUE INDEX "scim_user_name" ON "scim_user"("connection_id", "user_name_key") WHERE "deleted_at" IS NULL;

-- What opens something is stored as its hash only.
ALTER TABLE "scim_token" ADD CONSTRAINT "scim_token_hash" CHECK ("token_hash" ~ '^[0-9a-f]{64}$');
