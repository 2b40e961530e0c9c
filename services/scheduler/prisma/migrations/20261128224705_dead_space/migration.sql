-- What schema.prisma cannot say.

-- Old runs leave each day, a thirtieth of all: their room is used again before a fifth of the table is empty.
ALTER TABLE "run" SET (autovacuum_vacuum_scale_factor = 0.05);
