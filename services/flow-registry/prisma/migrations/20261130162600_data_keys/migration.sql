-- AlterTable
ALTER TABLE "flow" ADD COLUMN     "data_key_id" TEXT;

-- AlterTable
ALTER TABLE "flow_version" ADD COLUMN     "data_key_id" TEXT;

-- AlterTable
ALTER TABLE "compiled_plan" ADD COLUMN     "data_key_id" TEXT,
ADD COLUMN     "organisation_id" UUID;

-- AlterTable
ALTER TABLE "source" ADD COLUMN     "data_key_id" TEXT;

-- AlterTable
ALTER TABLE "variable" ADD COLUMN     "data_key_id" TEXT;

-- AlterTable
ALTER TABLE "file" ADD COLUMN     "data_key_id" TEXT,
ADD COLUMN     "sealed_key" TEXT;

-- CreateIndex
CREATE INDEX "compiled_plan_organisation_id_data_key_id_idx" ON "compiled_plan"("organisation_id", "data_key_id");

-- CreateIndex
CREATE INDEX "file_organisation_id_data_key_id_idx" ON "file"("organisation_id", "data_key_id");

-- CreateIndex
CREATE INDEX "flow_organisation_id_data_key_id_idx" ON "flow"("organisation_id", "data_key_id");

-- CreateIndex
CREATE INDEX "flow_version_organisation_id_data_key_id_idx" ON "flow_version"("organisation_id", "data_key_id");

-- CreateIndex
CREATE INDEX "source_organisation_id_data_key_id_idx" ON "source"("organisation_id", "data_key_id");

-- CreateIndex
CREATE INDEX "variable_organisation_id_data_key_id_idx" ON "variable"("organisation_id", "data_key_id");

-- What schema.prisma cannot say.

UPDATE "compiled_plan" p SET "organisation_id" = v."organisation_id" FROM "flow_version" v
  WHERE v."flow_id" = p."flow_id" AND v."version_hash" = p."version_hash";

-- What is sealed is sealed again with another data key after a rotation. Whatever else is changed is refused: versions, plans and imported
-- files are written once.
CREATE FUNCTION check_only_resealed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW."data_key_id" IS NOT DISTINCT FROM OLD."data_key_id" THEN
    RAISE EXCEPTION 'a row of % changes only when it is sealed with another data key', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER "flow_version_only_resealed" BEFORE UPDATE OF "content" ON "flow_version"
  FOR EACH ROW EXECUTE FUNCTION check_only_resealed();
CREATE TRIGGER "compiled_plan_only_resealed" BEFORE UPDATE OF "plan", "variable_uses" ON "compiled_plan"
  FOR EACH ROW EXECUTE FUNCTION check_only_resealed();
CREATE TRIGGER "source_only_resealed" BEFORE UPDATE OF "content" ON "source"
  FOR EACH ROW EXECUTE FUNCTION check_only_resealed();
GRANT UPDATE ("content", "data_key_id") ON "flow_version" TO flow_registry;
GRANT UPDATE ("plan", "variable_uses", "data_key_id") ON "compiled_plan" TO flow_registry;
GRANT UPDATE ("content", "data_key_id") ON "source" TO flow_registry;
