import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { causewayError } from '@causeway/contracts';
import { type ObjectSource, type PutOptions, unavailableStore } from './object-store.js';

/**
 * Writes a source to a file and computes its hash, which becomes its name.
 *
 * @throws CausewayError PAYLOAD_TOO_LARGE at the first chunk beyond `limitBytes`; any error of the source
 */
export async function spool(
  file: FileHandle,
  source: ObjectSource,
  { limitBytes = Number.POSITIVE_INFINITY, limitName = 'limitBytes', what = 'The content' }: PutOptions,
): Promise<{ sha256: string; bytes: number }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of chunksOf(source)) {
    bytes += chunk.length;
    if (bytes > limitBytes) throw causewayError('PAYLOAD_TOO_LARGE', { what, limitName, limitBytes });
    hash.update(chunk);
    // Unlike write(), writeFile() on a handle writes all of a chunk, at the current position.
    await file.writeFile(chunk);
  }
  return { sha256: hash.digest('hex'), bytes };
}

async function* chunksOf(source: ObjectSource): AsyncIterable<Uint8Array> {
  if (typeof source === 'string') yield Buffer.from(source);
  else if (source instanceof Uint8Array) yield source;
  else yield* source;
}

/** UNAVAILABLE for a full disk or a used-up quota, since there may be room later; any other error unchanged. */
export function unlessFull(error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOSPC' || code === 'EDQUOT' ? unavailableStore(error) : error;
}
