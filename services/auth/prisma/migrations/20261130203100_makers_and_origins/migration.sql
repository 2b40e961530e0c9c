ALTER TABLE "invitation" ADD COLUMN "maker_kind" TEXT, ADD COLUMN "maker_id" UUID;
ALTER TABLE "api_key" ADD COLUMN "origins" TEXT[] DEFAULT ARRAY[]::TEXT[];

-- Searches ignore upper and lower case in every language, also where the database has the locale C.
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_collation WHERE collname = 'und-x-icu') THEN
    ALTER TABLE "user" ALTER COLUMN "name" SET DATA TYPE TEXT COLLATE "und-x-icu";
    ALTER TABLE "user" ALTER COLUMN "email" SET DATA TYPE TEXT COLLATE "und-x-icu";
  END IF;
END
$$;
