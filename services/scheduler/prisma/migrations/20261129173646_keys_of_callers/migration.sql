-- A key belongs to the principal that sent it. In the tables, the principal's id stands before it.
UPDATE "idempotency" i SET "key" = r."principal_id" || ' ' || i."key" FROM "run" r WHERE r."id" = i."run_id";
