import { expect, it } from 'vitest';
import { checkMigrations } from './migrations.js';

const folder = 'services/auth/prisma/migrations';
const earlier = { path: `${folder}/20270101000000_expand/migration.sql`, text: 'SELECT 1;' };
const check = (text: string, name = '20270201000000_contract'): string[] =>
  checkMigrations([earlier, { path: `${folder}/${name}/migration.sql`, text }]).map(({ message }) => message);

it.each([
  ['ALTER TABLE "team" DROP COLUMN "a";', 'drops a column'],
  ['-- DropTable\nDROP TABLE "team";', 'drops a table'],
  ['ALTER TABLE "team" RENAME COLUMN "a" TO "b";', 'renames a column or table'],
  ['ALTER TABLE "team" RENAME TO "group";', 'renames a column or table'],
  ['ALTER TABLE "team" ALTER COLUMN "a" SET NOT NULL;', 'makes a column NOT NULL'],
  ['ALTER TABLE "team" ADD COLUMN "a" INTEGER DEFAULT 1,\nADD COLUMN "b" TEXT NOT NULL;', 'adds a column'],
])('refuses %s unless an earlier migration is named since which nothing uses it', (text, what) => {
  expect(check(text)).toEqual([expect.stringContaining(what)]);
  expect(check(`-- unused since 20270101000000_expand\n${text}`)).toEqual([]);
  expect(check(`-- unused since 20270201000000_contract\n${text}`)).toHaveLength(1);
  expect(check(`-- unused since 20260101000000_unknown\n${text}`)).toHaveLength(1);
});

it('passes what only adds', () => {
  expect(
    check(
      '-- This does not DROP COLUMN.\nALTER TABLE "team" ADD COLUMN "a" INTEGER NOT NULL DEFAULT 0, ADD COLUMN "b" TEXT;\nCREATE TABLE "t" ("id" UUID NOT NULL);\nALTER TABLE "team" DROP CONSTRAINT "team_pkey";',
    ),
  ).toEqual([]);
});
