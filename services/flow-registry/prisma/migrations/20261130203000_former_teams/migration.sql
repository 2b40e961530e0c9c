ALTER TABLE "flow" ADD COLUMN "former_team_ids" UUID[] DEFAULT ARRAY[]::UUID[];
