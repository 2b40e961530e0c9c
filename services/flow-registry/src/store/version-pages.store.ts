import { cutPage, parsePageKey, writePageKey } from '@causeway/contracts';
import type { InputOf, ReplyOf, listVersions } from '@causeway/contracts';
import { Injectable } from '@nestjs/common';
import type { FlowRow } from './flow.store.js';
import { Tables, type Writes } from './tables.js';

/** Reads the versions of flows without their content. */
@Injectable()
export class VersionPages {
  constructor(private readonly tables: Tables) {}

  /** One page of a flow's versions, newest first. */
  async list(
    flow: Pick<FlowRow, 'id' | 'versionHash' | 'publishedHash'>,
    page: InputOf<typeof listVersions>['page'],
  ): Promise<ReplyOf<typeof listVersions>> {
    const key = page.after === undefined ? undefined : parsePageKey(page.after);
    const rows = await this.tables.reads.flowVersion.findMany({
      select: { versionHash: true, createdAt: true },
      where: { flowId: flow.id, ...(key && { createdAt: { lte: key.at } }) },
      orderBy: [{ createdAt: 'desc' }, { versionHash: 'desc' }],
      // A hash is no id that a page key can have, so the key counts the rows of its time.
      skip: key?.seq ?? 0,
      take: page.limit + 1,
    });
    const seqOf = (row: (typeof rows)[number]): number => {
      const at = row.createdAt.toISOString();
      const same = rows.slice(0, rows.indexOf(row) + 1).filter((one) => one.createdAt.toISOString() === at);
      return same.length + (key?.at === at ? (key.seq ?? 0) : 0);
    };
    return cutPage(
      rows,
      page.limit,
      ({ versionHash, createdAt }) => ({
        versionHash,
        createdAt: createdAt.toISOString(),
        isNewest: versionHash === flow.versionHash,
        isPublished: versionHash === flow.publishedHash,
      }),
      (row) => writePageKey({ at: row.createdAt.toISOString(), id: flow.id, seq: seqOf(row) }),
    );
  }

  /** Whether a version of a flow is kept. */
  async has(writes: Writes, flowId: string, versionHash: string): Promise<boolean> {
    return (await writes.flowVersion.count({ where: { flowId, versionHash } })) > 0;
  }
}
