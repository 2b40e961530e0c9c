import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { truncate } from 'node:fs/promises';
import type { Api } from '../../api.js';
import type { Output } from '../../output.js';
import { type FilterOptions, filterQuery } from './audit-filter.js';
import { findResumption } from './find-resumption.js';

export interface ExportOptions extends FilterOptions {
  readonly out: string;
  readonly csv?: boolean;
}

/** Writes events to a file as they come. With a file that an interrupted export has left it goes on where that one was. */
export async function exportAudit(api: Api, options: ExportOptions, output: Output): Promise<number> {
  const { out: file, csv = false } = options;
  const format = csv ? 'csv' : 'jsonl';
  const { after, keepBytes, isEnded } = await findResumption(file, format);
  if (isEnded) {
    output.result(
      { file, bytes: keepBytes, isComplete: true },
      () => `${file} is a whole export already; name another file for a new one`,
    );
    return 0;
  }
  if (keepBytes > 0) output.progress(`going on behind byte ${keepBytes} of ${file}`);
  const query = new URLSearchParams({
    format,
    ...(after !== undefined && { after }),
    ...(await filterQuery(api, options)),
  });
  const response = await api.send('GET', `/api/platform/v1/audit/export?${query}`);
  const bytes = keepBytes + (await append(response, file, keepBytes));
  // A table has no line that ends it: that the answer has ended, and was not cut, says that it is whole.
  const isComplete = csv || (await findResumption(file, format)).isEnded;
  if (!isComplete) throw new Error(`the export was interrupted: the same command goes on with ${file}`);
  output.result(
    { file, bytes, isComplete },
    () =>
      `${file}: ${bytes.toLocaleString('en')} bytes${csv ? '' : '; check it with: npx causeway audit verify'}`,
  );
  return 0;
}

async function append(response: Response, file: string, keepBytes: number): Promise<number> {
  if (keepBytes > 0) await truncate(file, keepBytes);
  const target = createWriteStream(file, { flags: keepBytes > 0 ? 'a' : 'w', mode: 0o600 });
  let bytes = 0;
  try {
    for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      bytes += chunk.length;
      if (!target.write(chunk)) await once(target, 'drain');
    }
  } catch (error) {
    throw new Error(`the export was interrupted: the same command goes on with ${file}`, { cause: error });
  } finally {
    target.end();
    await once(target, 'close');
  }
  return bytes;
}
