-- A key belongs to the principal that sent it. In the tables, the principal's id stands before it.
-- A caller may have sent what another key of the team is called from now on: that key, which lives a week at most, is forgotten.
DELETE FROM "idempotency" taken USING "idempotency" i JOIN "run" r ON r."id" = i."run_id"
  WHERE taken."team_id" = i."team_id" AND taken."key" = r."principal_id" || ' ' || i."key";
UPDATE "idempotency" i SET "key" = r."principal_id" || ' ' || i."key" FROM "run" r WHERE r."id" = i."run_id";
