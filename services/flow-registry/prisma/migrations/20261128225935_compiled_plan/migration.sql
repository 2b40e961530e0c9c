-- CreateTable
CREATE TABLE "compiled_plan" (
    "flow_id" UUID NOT NULL,
    "version_hash" TEXT NOT NULL,
    "compiled_by" TEXT NOT NULL,
    "plan" TEXT NOT NULL,
    "problems" TEXT NOT NULL,
    "variable_uses" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "compiled_plan_pkey" PRIMARY KEY ("flow_id","version_hash","compiled_by")
);

-- AddForeignKey
ALTER TABLE "compiled_plan" ADD CONSTRAINT "compiled_plan_flow_id_version_hash_fkey" FOREIGN KEY ("flow_id", "version_hash") REFERENCES "flow_version"("flow_id", "version_hash") ON DELETE RESTRICT ON UPDATE CASCADE;

INSERT INTO "compiled_plan" ("flow_id", "version_hash", "compiled_by", "plan", "problems", "variable_uses", "created_at")
  SELECT "flow_id", "version_hash", "compiled_by", "plan", "problems", "variable_uses", "created_at" FROM "flow_version";

-- AlterTable
ALTER TABLE "flow_version" DROP COLUMN "compiled_by",
DROP COLUMN "plan",
DROP COLUMN "problems",
DROP COLUMN "variable_uses";

-- What a compiler made of a version is made once; those of old compilers go.
REVOKE UPDATE ON "compiled_plan" FROM flow_registry;
