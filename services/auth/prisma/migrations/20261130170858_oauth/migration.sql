-- CreateTable
CREATE TABLE "oauth_client" (
    "id" UUID NOT NULL,
    "organisation_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "service_account_id" UUID,
    "secret_hash" TEXT,
    "former_secret_hash" TEXT,
    "former_secret_until" TIMESTAMPTZ(3),
    "redirect_uris" TEXT[],
    "permissions" TEXT[],
    "made_by_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "oauth_client_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "oauth_grant" (
    "id" UUID NOT NULL,
    "organisation_id" UUID NOT NULL,
    "team_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "client_id" UUID NOT NULL,
    "permissions" TEXT[],
    "content" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "oauth_grant_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "oauth_token" (
    "id" UUID NOT NULL,
    "token_hash" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "organisation_id" UUID NOT NULL,
    "client_id" UUID NOT NULL,
    "grant_id" UUID,
    "permissions" TEXT[],
    "content" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "consumed_at" TIMESTAMPTZ(3),

    CONSTRAINT "oauth_token_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "oauth_key" (
    "id" TEXT NOT NULL,
    "sealed" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "retired_at" TIMESTAMPTZ(3),

    CONSTRAINT "oauth_key_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "oauth_client_organisation_id_service_account_id_created_at__idx" ON "oauth_client"("organisation_id", "service_account_id", "created_at", "id");

-- CreateIndex
CREATE INDEX "oauth_client_service_account_id_idx" ON "oauth_client"("service_account_id");

-- CreateIndex
CREATE INDEX "oauth_client_made_by_id_idx" ON "oauth_client"("made_by_id");

-- CreateIndex
CREATE INDEX "oauth_grant_user_id_created_at_id_idx" ON "oauth_grant"("user_id", "created_at", "id");

-- CreateIndex
CREATE INDEX "oauth_grant_client_id_idx" ON "oauth_grant"("client_id");

-- CreateIndex
CREATE INDEX "oauth_grant_expires_at_idx" ON "oauth_grant"("expires_at");

-- CreateIndex
CREATE UNIQUE INDEX "oauth_token_token_hash_key" ON "oauth_token"("token_hash");

-- CreateIndex
CREATE INDEX "oauth_token_client_id_kind_expires_at_idx" ON "oauth_token"("client_id", "kind", "expires_at");

-- CreateIndex
CREATE INDEX "oauth_token_grant_id_kind_created_at_idx" ON "oauth_token"("grant_id", "kind", "created_at");

-- CreateIndex
CREATE INDEX "oauth_token_expires_at_idx" ON "oauth_token"("expires_at");

-- AddForeignKey
ALTER TABLE "oauth_client" ADD CONSTRAINT "oauth_client_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisation"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "oauth_client" ADD CONSTRAINT "oauth_client_service_account_id_fkey" FOREIGN KEY ("service_account_id") REFERENCES "service_account"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "oauth_client" ADD CONSTRAINT "oauth_client_made_by_id_fkey" FOREIGN KEY ("made_by_id") REFERENCES "api_key"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "oauth_grant" ADD CONSTRAINT "oauth_grant_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "user"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "oauth_grant" ADD CONSTRAINT "oauth_grant_client_id_fkey" FOREIGN KEY ("client_id") REFERENCES "oauth_client"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "oauth_token" ADD CONSTRAINT "oauth_token_client_id_fkey" FOREIGN KEY ("client_id") REFERENCES "oauth_client"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "oauth_token" ADD CONSTRAINT "oauth_token_grant_id_fkey" FOREIGN KEY ("grant_id") REFERENCES "oauth_grant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What schema.prisma cannot say.

ALTER TABLE "oauth_client" ADD CONSTRAINT "oauth_client_kind" CHECK ("kind" IN ('service', 'confidential', 'public'));
ALTER TABLE "oauth_client" ADD CONSTRAINT "oauth_client_account" CHECK (("kind" = 'service') = ("service_account_id" IS NOT NULL));
ALTER TABLE "oauth_client" ADD CONSTRAINT "oauth_client_secret" CHECK (("kind" = 'public') = ("secret_hash" IS NULL));
ALTER TABLE "oauth_token" ADD CONSTRAINT "oauth_token_kind" CHECK ("kind" IN ('AuthorizationCode', 'AccessToken', 'RefreshToken', 'ClientCredentials'));
ALTER TABLE "oauth_token" ADD CONSTRAINT "oauth_token_grant" CHECK (("kind" = 'ClientCredentials') = ("grant_id" IS NULL));
ALTER TABLE "oauth_token" ADD CONSTRAINT "oauth_token_hash_shape" CHECK ("token_hash" ~ '^[0-9a-f]{64}$');
