-- CreateTable
CREATE TABLE "role" (
    "id" UUID NOT NULL,
    "organisation_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "permissions" TEXT[],
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "role_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "role_binding" (
    "id" UUID NOT NULL,
    "organisation_id" UUID NOT NULL,
    "subject_kind" TEXT NOT NULL,
    "subject_id" UUID NOT NULL,
    "role" TEXT NOT NULL,
    "level" TEXT NOT NULL,
    "object_id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "role_binding_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "role_organisation_id_name_key" ON "role"("organisation_id", "name");

-- CreateIndex
CREATE INDEX "role_binding_organisation_id_level_object_id_created_at_id_idx" ON "role_binding"("organisation_id", "level", "object_id", "created_at", "id");

-- CreateIndex
CREATE INDEX "role_binding_organisation_id_role_idx" ON "role_binding"("organisation_id", "role");

-- CreateIndex
CREATE UNIQUE INDEX "role_binding_subject_id_level_object_id_role_key" ON "role_binding"("subject_id", "level", "object_id", "role");

-- AddForeignKey
ALTER TABLE "role" ADD CONSTRAINT "role_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisation"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "role_binding" ADD CONSTRAINT "role_binding_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisation"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- What schema.prisma cannot say.

ALTER TABLE "role_binding" ADD CONSTRAINT "role_binding_subject_kind" CHECK ("subject_kind" IN ('user', 'service_account'));
ALTER TABLE "role_binding" ADD CONSTRAINT "role_binding_level" CHECK ("level" IN ('organisation', 'team'));
ALTER TABLE "role_binding" ADD CONSTRAINT "role_binding_place"
  CHECK ("level" <> 'organisation' OR "object_id" = "organisation_id");

-- Who has worked in a team until now could do everything there that their keys allowed. The administrator who exists from the start
-- owns the organisation.
INSERT INTO "role_binding" ("id", "organisation_id", "subject_kind", "subject_id", "role", "level", "object_id", "created_at")
  SELECT gen_random_uuid(), u."organisation_id", 'user', u."id", 'owner', 'organisation', u."organisation_id", u."created_at"
  FROM "user" u WHERE u."id" = '00000000-0000-4000-8000-000000000004';
INSERT INTO "role_binding" ("id", "organisation_id", "subject_kind", "subject_id", "role", "level", "object_id", "created_at")
  SELECT gen_random_uuid(), m."organisation_id", 'user', m."user_id", 'owner', 'team', m."team_id", m."created_at"
  FROM "membership" m WHERE m."user_id" <> '00000000-0000-4000-8000-000000000004';
INSERT INTO "role_binding" ("id", "organisation_id", "subject_kind", "subject_id", "role", "level", "object_id", "created_at")
  SELECT gen_random_uuid(), s."organisation_id", 'service_account', s."id", 'owner', 'team', s."team_id", s."created_at"
  FROM "service_account" s;
-- Every other organisation is owned by the user who has been there longest.
INSERT INTO "role_binding" ("id", "organisation_id", "subject_kind", "subject_id", "role", "level", "object_id", "created_at")
  SELECT DISTINCT ON (u."organisation_id") gen_random_uuid(), u."organisation_id", 'user', u."id", 'owner', 'organisation', u."organisation_id", u."created_at"
  FROM "user" u
  WHERE u."disabled_at" IS NULL
    AND NOT EXISTS (SELECT FROM "role_binding" b WHERE b."organisation_id" = u."organisation_id" AND b."level" = 'organisation')
  ORDER BY u."organisation_id", u."created_at", u."id";

-- A key with every permission also gets those that this version adds.
UPDATE "api_key" SET "permissions" = "permissions" || '{member:read,member:write,organisation:write}'::text[]
  WHERE "permissions" @> '{flow:read,flow:write,flow:run,run:read,run:cancel,message:read,message:write,variable:read,variable:write,file:read,file:write,project:read,project:write,key:read,key:write,audit:read,log:read}'::text[];
