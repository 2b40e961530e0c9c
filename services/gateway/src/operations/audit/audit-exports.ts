import { Readable } from 'node:stream';
import {
  type AuditFilter,
  type Principal,
  type ReplyOf,
  causewayError,
  exportAuditEvents,
} from '@causeway/contracts';
import { Bus, textBytes, withContext } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { type ExportedEvent, csvHeader, csvRows } from './audit-csv.js';

/** What is exported, and how. */
export interface WantedExport {
  readonly format: 'jsonl' | 'csv';
  readonly scope: 'team' | 'organisation';
  readonly filter: AuditFilter;
  /** @default the beginning */
  readonly after?: string | undefined;
}

type Part = ReplyOf<typeof exportAuditEvents>;

/** Counts bytes while they are in memory. */
interface Counter {
  add(bytes: number): void;
  giveBack(bytes: number): void;
}

/** Exports of the audit log: one part in memory at a time, and none is asked for once the caller has left. */
@Injectable()
export class AuditExports {
  constructor(private readonly bus: Bus) {}

  /**
   * The texts of an export, one for each part. It settles when the first one is there, so that an error is known before the answer begins.
   *
   * @param reader  who asks for the next part
   */
  async open(wanted: WantedExport, reader: () => Promise<Principal>): Promise<AsyncGenerator<string>> {
    const { format, scope, filter, after } = wanted;
    if (format === 'csv' && after !== undefined && !/^\d{1,15}$/.test(after))
      throw causewayError('REQUEST_INVALID', {
        problems: 'query.after: of an export as CSV it is the last `seq` in it',
      });
    const ask = async (cursor: string | undefined): Promise<Part> => {
      const principal = await reader();
      const { organisationId, teamId } = principal;
      const question = {
        organisationId,
        teamId,
        scope,
        ...filter,
        ...(cursor !== undefined && { after: cursor }),
      };
      return withContext({ principal }, () => this.bus.request(exportAuditEvents, question));
    };
    const isCsv = format === 'csv';
    const first = await ask(isCsv ? (after ?? '0') : after);
    return textsFrom(first, ask, isCsv, isCsv && after === undefined ? csvHeader : '');
  }

  /** The texts as a stream. */
  stream(texts: AsyncIterable<string>, counter: Counter): Readable {
    return Readable.from(bytesOf(texts, counter), { objectMode: false });
  }
}

async function* textsFrom(
  first: Part,
  ask: (cursor: string) => Promise<Part>,
  isCsv: boolean,
  before: string,
): AsyncGenerator<string> {
  yield before;
  for (let part = first; ; part = await ask(part.next)) {
    yield isCsv
      ? csvRows(part.lines.map((line) => JSON.parse(line) as ExportedEvent))
      : part.lines.map((line) => `${line}\n`).join('');
    if (part.next === undefined) return;
  }
}

async function* bytesOf(texts: AsyncIterable<string>, counter: Counter): AsyncGenerator<Buffer> {
  for await (const text of texts) {
    const bytes = Buffer.byteLength(text);
    if (bytes === 0) continue;
    counter.add(bytes);
    try {
      yield* textBytes(text);
    } finally {
      counter.giveBack(bytes);
    }
  }
}
