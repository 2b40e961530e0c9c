import type { StoredFile, Tenant } from '@causeway/contracts';
import { Injectable } from '@nestjs/common';
import type { File as FileRow, Prisma } from './generated/client.js';
import { Tables, type Writes } from './tables.js';

/** The table of uploaded files. */
@Injectable()
export class FileStore {
  constructor(private readonly tables: Tables) {}

  async list(
    { organisationId, teamId }: Tenant,
    of: { flowId?: string | undefined; userId?: string | undefined },
  ): Promise<StoredFile[]> {
    const { flowId, userId } = of;
    const rows = await this.tables.reads.file.findMany({
      where: { organisationId, teamId, flowId: flowId ?? null, ...(userId !== undefined && { userId }) },
      orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
    });
    return rows.map(storedFile);
  }

  async find(
    { organisationId, teamId }: Tenant,
    by: { id: string } | { path: string },
  ): Promise<StoredFile | undefined> {
    const row = await this.tables.reads.file.findFirst({ where: { ...by, organisationId, teamId } });
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

  /** Undefined when the team has no such file. */
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

  /** Objects that were dropped, the oldest first, and whether a file that is there names them. */
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

  /** Those among these objects that a file names, or that were dropped and wait for their removal. */
  async named(hashes: readonly string[]): Promise<Set<string>> {
    const where = { sha256: { in: [...hashes] } };
    const select = { sha256: true } as const;
    const [files, dropped] = await Promise.all([
      this.tables.reads.file.findMany({ where, select }),
      this.tables.reads.droppedObject.findMany({ where, select }),
    ]);
    return new Set([...files, ...dropped].map(({ sha256 }) => sha256));
  }

  /** Puts dropped objects behind all others. */
  async dropAgain(hashes: readonly string[]): Promise<void> {
    await this.tables.reads.droppedObject.updateMany({
      where: { sha256: { in: [...hashes] } },
      data: { droppedAt: new Date() },
    });
  }

  /** Forgets dropped objects that are removed, or named again. */
  async forget(hashes: readonly string[]): Promise<void> {
    await this.tables.reads.droppedObject.deleteMany({ where: { sha256: { in: [...hashes] } } });
  }
}

function storedFile(row: FileRow): StoredFile {
  return {
    ...row,
    bytes: Number(row.bytes),
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}
