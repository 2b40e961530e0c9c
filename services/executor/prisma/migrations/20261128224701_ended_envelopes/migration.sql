-- What schema.prisma cannot say.

-- A run that is over needs its envelope no more, and its sealed input is in it.
UPDATE "execution" SET "envelope" = NULL WHERE "finished_at" IS NOT NULL AND "envelope" IS NOT NULL;

-- Old rows leave each day, a thirtieth of all: their room is used again before a fifth of the table is empty.
ALTER TABLE "execution" SET (autovacuum_vacuum_scale_factor = 0.05);
ALTER TABLE "step_result" SET (autovacuum_vacuum_scale_factor = 0.05);
ALTER TABLE "message" SET (autovacuum_vacuum_scale_factor = 0.05);
