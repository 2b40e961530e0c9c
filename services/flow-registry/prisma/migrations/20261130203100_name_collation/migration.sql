-- Searches ignore upper and lower case in every language, also where the database has the locale C.
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_collation WHERE collname = 'und-x-icu') THEN
    ALTER TABLE "flow" ALTER COLUMN "name" SET DATA TYPE TEXT COLLATE "und-x-icu";
  END IF;
END
$$;
