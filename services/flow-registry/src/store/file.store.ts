import { cutPage, parsePageKey, writePageKey } from '@causeway/contracts';
import type { InputOf, Reach, ReplyOf, StoredFile, Tenant, listFiles } from '@causeway/contracts';
import { Database, type Due, type Queryable, measureRows } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import type { File as FileRow, Prisma } from './generated/client.js';
import { Tables, type Writes } from './tables.js';

/** Selects files that were uploaded more than $1 days ago. */
const OLD = 'FROM file WHERE created_at < clock_timestamp() - make_interval(days => $1)';

/** The table of uploaded files. */
@Injectable()
export class FileStore {
  constructor(
    private readonly tables: Tables,
    private readonly database: Database,
  ) {}

  /** One page, oldest first. */
  async list(input: InputOf<typeof listFiles>): Promise<ReplyOf<typeof listFiles>> {
    const { organisationId, teamId, flowId, userId, page } = input;
    const key = page.after === undefined ? undefined : parsePageKey(page.after);
    const rows = await this.tables.reads.file.findMany({
      where: {
        organisationId,
        teamId,
        flowId: flowId ?? null,
        ...(userId !== undefined && { userId }),
        AND: [
          filesWithin(input.reach),
          key ? { OR: [{ createdAt: { gt: key.at } }, { createdAt: key.at, id: { gt: key.id } }] } : {},
        ],
      },
      orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
      take: page.limit + 1,
    });
    return cutPage(rows, page.limit, storedFile, ({ createdAt, id }) =>
      writePageKey({ at: createdAt.toISOString(), id }),
    );
  }

  async find(
    { organisationId, teamId }: Tenant,
    by: { id: string } | { path: string },
    reach?: Reach,
  ): Promise<StoredFile | undefined> {
    const where = { ...by, organisationId, teamId, ...filesWithin(reach) };
    const row = await this.tables.reads.file.findFirst({ where });
    return row ? storedFile(row) : undefined;
  }

  /** A file of a flow that the team had before: the runs of the flow that were submitted there go on there. */
  async findOfMoved(
    { organisationId, teamId }: Tenant,
    flowId: string,
    path: string,
  ): Promise<StoredFile | undefined> {
    const where = { flowId, path, organisationId, flow: { formerTeamIds: { has: teamId } } };
    const row = await this.tables.reads.file.findFirst({ where });
    return row ? storedFile(row) : undefined;
  }

  /** File names below a folder (a flow's or user's id) of a team. */
  async namesIn(writes: Writes, { teamId }: Tenant, folder: string): Promise<Set<string>> {
    const rows = await writes.file.findMany({
      where: { teamId, path: { startsWith: `${folder}/` } },
      select: { path: true },
    });
    return new Set(rows.map(({ path }) => path.slice(folder.length + 1)));
  }

  async insert(writes: Writes, row: Omit<FileRow, 'createdAt' | 'updatedAt'>): Promise<StoredFile> {
    return storedFile(await writes.file.create({ data: row }));
  }

  /** Renames a file; undefined when the team has no such file. */
  async rename(
    writes: Writes,
    { organisationId, teamId }: Tenant,
    id: string,
    name: string,
  ): Promise<StoredFile | undefined> {
    const [row] = await writes.file.updateManyAndReturn({
      where: { id, organisationId, teamId },
      data: { name, updatedAt: new Date() },
    });
    return row && storedFile(row);
  }

  /** Removes rows; their objects are dropped with them. */
  async delete(
    writes: Writes,
    where: Prisma.FileWhereInput & Tenant,
  ): Promise<{ id: string; path: string }[]> {
    const { organisationId, teamId } = where;
    const rows = await writes.file.findMany({ where, select: { id: true, path: true, sha256: true } });
    await writes.file.deleteMany({ where: { id: { in: rows.map(({ id }) => id) } } });
    await writes.droppedObject.createMany({
      data: rows.map(({ sha256 }) => ({ sha256, organisationId, teamId })),
      skipDuplicates: true,
    });
    return rows;
  }

  /** Removes rows of files that were uploaded more than so many days ago; their objects are dropped with them. @returns how many */
  async deleteOld(transaction: Queryable, days: number, atMost: number): Promise<number> {
    const { rows } = await transaction.query<{ deleted: number }>(
      `WITH old AS (
         DELETE FROM file WHERE id IN (SELECT id ${OLD} ORDER BY created_at LIMIT $2) RETURNING sha256, organisation_id, team_id
       ), dropped AS (
         INSERT INTO dropped_object (sha256, organisation_id, team_id) SELECT DISTINCT ON (sha256) * FROM old ON CONFLICT DO NOTHING
       )
       SELECT count(*)::int AS deleted FROM old`,
      [days, atMost],
    );
    return rows[0]?.deleted ?? 0;
  }

  measureOld(days: number): Promise<Due> {
    return measureRows(this.database, {
      table: 'file',
      due: `SELECT ${OLD}`,
      values: [days],
      oldest: 'SELECT created_at AS oldest FROM file ORDER BY created_at LIMIT 1',
    });
  }

  /** Dropped objects, the oldest first, and whether an existing file names them. */
  async dropped(atMost: number): Promise<{ sha256: string; isNamed: boolean }[]> {
    const rows = await this.tables.reads.droppedObject.findMany({
      select: { sha256: true },
      orderBy: { droppedAt: 'asc' },
      take: atMost,
    });
    const hashes = rows.map(({ sha256 }) => sha256);
    const named = await this.tables.reads.file.findMany({
      where: { sha256: { in: hashes } },
      select: { sha256: true },
    });
    const isNamed = new Set(named.map(({ sha256 }) => sha256));
    return hashes.map((sha256) => ({ sha256, isNamed: isNamed.has(sha256) }));
  }

  /** Those of these objects that a file names, or that were dropped and wait for their removal. */
  async named(hashes: readonly string[]): Promise<Set<string>> {
    const where = { sha256: { in: [...hashes] } };
    const select = { sha256: true } as const;
    const [files, dropped] = await Promise.all([
      this.tables.reads.file.findMany({ where, select }),
      this.tables.reads.droppedObject.findMany({ where, select }),
    ]);
    return new Set([...files, ...dropped].map(({ sha256 }) => sha256));
  }

  /** Puts dropped objects at the end of the queue. */
  async dropAgain(hashes: readonly string[]): Promise<void> {
    await this.tables.reads.droppedObject.updateMany({
      where: { sha256: { in: [...hashes] } },
      data: { droppedAt: new Date() },
    });
  }

  /** Deletes the rows of dropped objects that are removed, or that a file names again. */
  async forget(hashes: readonly string[]): Promise<void> {
    await this.tables.reads.droppedObject.deleteMany({ where: { sha256: { in: [...hashes] } } });
  }
}

/** Selects files of flows within a reach. A person’s own files belong to the whole team. */
export function filesWithin(reach: Reach | undefined): Prisma.FileWhereInput {
  if (!reach) return {};
  return { OR: [{ flow: { projectId: { in: reach.projectIds } } }, { flowId: { in: reach.flowIds } }] };
}

function storedFile({ dataKeyId: _key, ...row }: FileRow): StoredFile {
  return {
    ...row,
    bytes: Number(row.bytes),
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}
