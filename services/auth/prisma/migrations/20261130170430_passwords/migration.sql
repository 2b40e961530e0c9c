-- AlterTable
ALTER TABLE "organisation" ADD COLUMN     "sso_enforced_at" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "password" (
    "user_id" UUID NOT NULL,
    "login" TEXT NOT NULL,
    "hash" TEXT NOT NULL,
    "is_break_glass" BOOLEAN NOT NULL DEFAULT false,
    "totp_secret" TEXT,
    "totp_step" BIGINT,
    "failures" INTEGER NOT NULL DEFAULT 0,
    "locked_until" TIMESTAMPTZ(3),
    "changed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "password_pkey" PRIMARY KEY ("user_id")
);

-- CreateTable
CREATE TABLE "invitation" (
    "id" UUID NOT NULL,
    "organisation_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "email" TEXT,
    "role" TEXT,
    "level" TEXT,
    "object_id" UUID,
    "team_id" UUID,
    "token_hash" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "invitation_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "password_login_key" ON "password"("login");

-- CreateIndex
CREATE UNIQUE INDEX "invitation_token_hash_key" ON "invitation"("token_hash");

-- CreateIndex
CREATE INDEX "invitation_organisation_id_created_at_id_idx" ON "invitation"("organisation_id", "created_at", "id");

-- CreateIndex
CREATE INDEX "invitation_expires_at_idx" ON "invitation"("expires_at");

-- AddForeignKey
ALTER TABLE "password" ADD CONSTRAINT "password_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "user"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "invitation" ADD CONSTRAINT "invitation_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisation"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- What schema.prisma cannot say.

ALTER TABLE "password" ADD CONSTRAINT "password_login" CHECK ("login" = lower("login"));
ALTER TABLE "password" ADD CONSTRAINT "password_hash_shape" CHECK ("hash" LIKE 'scrypt$%');
ALTER TABLE "password" ADD CONSTRAINT "password_break_glass" CHECK (NOT "is_break_glass" OR "totp_secret" IS NOT NULL);
ALTER TABLE "invitation" ADD CONSTRAINT "invitation_hash_shape" CHECK ("token_hash" ~ '^[0-9a-f]{64}$');
