-- CreateTable
CREATE TABLE "project" (
    "id" UUID NOT NULL,
    "organisation_id" UUID NOT NULL,
    "team_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT,
    "parent_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "deleted_at" TIMESTAMPTZ(3),

    CONSTRAINT "project_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "flow" (
    "id" UUID NOT NULL,
    "organisation_id" UUID NOT NULL,
    "team_id" UUID NOT NULL,
    "project_id" UUID NOT NULL,
    "user_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT,
    "icon" TEXT,
    "icon_bg_color" TEXT,
    "gradient" TEXT,
    "endpoint_name" TEXT,
    "is_component" BOOLEAN NOT NULL DEFAULT false,
    "webhook" BOOLEAN NOT NULL DEFAULT false,
    "tags" TEXT[],
    "locked" BOOLEAN NOT NULL DEFAULT false,
    "mcp_enabled" BOOLEAN NOT NULL DEFAULT false,
    "action_name" TEXT,
    "action_description" TEXT,
    "access_type" TEXT NOT NULL DEFAULT 'PRIVATE',
    "last_tested_version" TEXT,
    "version_hash" TEXT NOT NULL,
    "data" TEXT NOT NULL,
    "source_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "deleted_at" TIMESTAMPTZ(3),

    CONSTRAINT "flow_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "flow_version" (
    "flow_id" UUID NOT NULL,
    "version_hash" TEXT NOT NULL,
    "organisation_id" UUID NOT NULL,
    "team_id" UUID NOT NULL,
    "content" TEXT NOT NULL,
    "plan" TEXT NOT NULL,
    "problems" TEXT NOT NULL,
    "variable_uses" TEXT NOT NULL,
    "compiled_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "flow_version_pkey" PRIMARY KEY ("flow_id","version_hash")
);

-- CreateTable
CREATE TABLE "source" (
    "id" UUID NOT NULL,
    "organisation_id" UUID NOT NULL,
    "team_id" UUID NOT NULL,
    "file_name" TEXT NOT NULL,
    "sha256" TEXT NOT NULL,
    "bytes" INTEGER NOT NULL,
    "content" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "source_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "variable" (
    "id" UUID NOT NULL,
    "organisation_id" UUID NOT NULL,
    "team_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "sealed_value" TEXT NOT NULL,
    "default_fields" TEXT[],
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "variable_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "file" (
    "id" UUID NOT NULL,
    "organisation_id" UUID NOT NULL,
    "team_id" UUID NOT NULL,
    "flow_id" UUID,
    "user_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "path" TEXT NOT NULL,
    "bytes" BIGINT NOT NULL,
    "sha256" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "file_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "outbox" (
    "id" UUID NOT NULL,
    "subject" TEXT NOT NULL,
    "payload" TEXT NOT NULL,
    "organisation_id" UUID NOT NULL,
    "team_id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "outbox_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "flow_team_id_updated_at_id_idx" ON "flow"("team_id", "updated_at", "id");

-- CreateIndex
CREATE UNIQUE INDEX "flow_id_version_hash_key" ON "flow"("id", "version_hash");

-- CreateIndex
CREATE UNIQUE INDEX "source_team_id_sha256_file_name_key" ON "source"("team_id", "sha256", "file_name");

-- CreateIndex
CREATE UNIQUE INDEX "variable_team_id_name_key" ON "variable"("team_id", "name");

-- CreateIndex
CREATE INDEX "file_team_id_user_id_created_at_idx" ON "file"("team_id", "user_id", "created_at");

-- CreateIndex
CREATE INDEX "file_flow_id_idx" ON "file"("flow_id");

-- CreateIndex
CREATE UNIQUE INDEX "file_team_id_path_key" ON "file"("team_id", "path");

-- CreateIndex
CREATE INDEX "outbox_subject_id_idx" ON "outbox"("subject", "id");

-- AddForeignKey
ALTER TABLE "project" ADD CONSTRAINT "project_parent_id_fkey" FOREIGN KEY ("parent_id") REFERENCES "project"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "flow" ADD CONSTRAINT "flow_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "project"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "flow" ADD CONSTRAINT "flow_source_id_fkey" FOREIGN KEY ("source_id") REFERENCES "source"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "flow" ADD CONSTRAINT "flow_id_version_hash_fkey" FOREIGN KEY ("id", "version_hash") REFERENCES "flow_version"("flow_id", "version_hash") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "flow_version" ADD CONSTRAINT "flow_version_flow_id_fkey" FOREIGN KEY ("flow_id") REFERENCES "flow"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "file" ADD CONSTRAINT "file_flow_id_fkey" FOREIGN KEY ("flow_id") REFERENCES "flow"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- What schema.prisma cannot say follows.

-- Names are free again once their owner is deleted.
CREATE UNIQUE INDEX "project_name_live_key" ON "project" ("team_id", "name") WHERE "deleted_at" IS NULL;
CREATE UNIQUE INDEX "flow_name_live_key" ON "flow" ("project_id", "name") WHERE "deleted_at" IS NULL;
CREATE UNIQUE INDEX "flow_endpoint_live_key" ON "flow" ("team_id", "endpoint_name") WHERE "deleted_at" IS NULL;

ALTER TABLE "flow" ADD CONSTRAINT "flow_access_type_known" CHECK ("access_type" IN ('PRIVATE', 'PUBLIC'));
ALTER TABLE "variable" ADD CONSTRAINT "variable_type_known" CHECK ("type" IN ('Generic', 'Credential'));
ALTER TABLE "flow_version" ADD CONSTRAINT "flow_version_hash_shape" CHECK ("version_hash" ~ '^[0-9a-f]{64}$');

-- A new flow and its first version come in one transaction; each names the other.
ALTER TABLE "flow" ALTER CONSTRAINT "flow_id_version_hash_fkey" DEFERRABLE INITIALLY DEFERRED;

-- A version's content is immutable, and so is an imported file; what is compiled from a version may be made anew.
REVOKE UPDATE, DELETE ON "flow_version" FROM flow_registry;
GRANT UPDATE ("plan", "problems", "variable_uses", "compiled_by") ON "flow_version" TO flow_registry;
REVOKE UPDATE ON "source" FROM flow_registry;

-- What exists from the start; the ids are fixed in libs/contracts/src/tenancy.ts.
INSERT INTO "project" ("id", "organisation_id", "team_id", "name", "description")
  VALUES ('00000000-0000-4000-8000-000000000003', '00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002',
    'Starter Project', 'Flows without a project of their own.');
