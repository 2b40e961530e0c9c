-- AlterTable
ALTER TABLE "connection" ADD COLUMN     "certificates" TEXT[] DEFAULT ARRAY[]::TEXT[],
ADD COLUMN     "email_attribute" TEXT,
ADD COLUMN     "name_attribute" TEXT,
ADD COLUMN     "name_id_format" TEXT,
ADD COLUMN     "sign_in_url" TEXT;

-- CreateTable
CREATE TABLE "used_assertion" (
    "id" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "used_assertion_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "used_assertion_expires_at_idx" ON "used_assertion"("expires_at");

-- What schema.prisma cannot say.
ALTER TABLE "connection" DROP CONSTRAINT "connection_kind";
ALTER TABLE "connection" ADD CONSTRAINT "connection_kind" CHECK ("kind" IN ('oidc', 'saml'));
ALTER TABLE "connection" ADD CONSTRAINT "connection_saml" CHECK (
  CASE WHEN "kind" = 'saml'
    THEN "sign_in_url" IS NOT NULL AND coalesce(cardinality("certificates"), 0) > 0 AND "name_id_format" IN ('persistent', 'email', 'unspecified')
      AND "name_attribute" IS NOT NULL AND "email_attribute" IS NOT NULL AND "client_secret" IS NULL
    ELSE "sign_in_url" IS NULL AND coalesce(cardinality("certificates"), 0) = 0 AND "name_id_format" IS NULL
      AND "name_attribute" IS NULL AND "email_attribute" IS NULL
  END
);
ALTER TABLE "used_assertion" ADD CONSTRAINT "used_assertion_id" CHECK ("id" ~ '^[0-9a-f]{64}$');
