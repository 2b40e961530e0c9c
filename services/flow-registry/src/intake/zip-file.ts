import type { Readable } from 'node:stream';
import { causewayError } from '@causeway/contracts';
import { isCausewayError } from '@causeway/dag';
import { type Entry, type ZipFile, fromBufferPromise } from 'yauzl';
import type { SourceFile } from '../store/source.store.js';

/** Most entries of a ZIP, including folders and files that are not JSON. */
const MOST_ENTRIES = 1_000;
/** Largest unpacked size of a ZIP, as a multiple of the limit of a flow file. */
const UNPACKED_FACTOR = 5;
/** Flows are compressed to about a tenth; an entry that is compressed more than this was made to fill memory. */
const MOST_RATIO = 200;
const RATIO_FROM_BYTES = 1_000_000;

/** True for bytes that begin like a ZIP, also an empty one. */
export function isZip(bytes: Uint8Array): boolean {
  const [p, k, a, b] = bytes;
  return p === 0x50 && k === 0x4b && ((a === 3 && b === 4) || (a === 5 && b === 6));
}

/** A ZIP whose directory was read. */
export interface OpenZip {
  /** What its files unpack to, by its directory. */
  readonly unpackedBytes: number;
  /** Its JSON and YAML files in its order, one in memory at a time. @throws CausewayError FLOW_INVALID */
  readonly files: AsyncIterable<SourceFile>;
}

/**
 * Reads the directory of a ZIP. Sizes are checked before unpacking with the sizes in the directory, and while
 * unpacking with the real ones: yauzl ends an entry that holds more than it declares. zlib unpacks outside this thread.
 *
 * @param maxFileBytes  limit of one file; all files together may have five times as much
 * @throws CausewayError FLOW_INVALID for a ZIP that is damaged, encrypted, has too many entries or no JSON files, PAYLOAD_TOO_LARGE
 */
export async function openZip(bytes: Buffer, maxFileBytes: number): Promise<OpenZip> {
  try {
    const zip = await fromBufferPromise(bytes, { lazyEntries: true });
    if (zip.entryCount > MOST_ENTRIES)
      throw invalid(`it has ${zip.entryCount} entries; the limit is ${MOST_ENTRIES}.`);
    const entries: Entry[] = [];
    let unpackedBytes = 0;
    for await (const entry of zip.eachEntry()) {
      if (!isFlowFile(entry.fileName)) continue;
      unpackedBytes += entry.uncompressedSize;
      checkSizes(entry, maxFileBytes, unpackedBytes);
      entries.push(entry);
    }
    if (entries.length === 0) throw invalid('it holds no .json file; pack exported flows into it.');
    return { unpackedBytes, files: unpackedFiles(zip, entries) };
  } catch (error) {
    throw unreadable(error);
  }
}

async function* unpackedFiles(zip: ZipFile, entries: readonly Entry[]): AsyncGenerator<SourceFile> {
  for (const entry of entries)
    try {
      yield { fileName: entry.fileName, bytes: await bytesOf(await zip.openReadStreamPromise(entry)) };
    } catch (error) {
      throw unreadable(error);
    }
}

/** True for the name of a YAML file. */
export function isYaml(fileName: string): boolean {
  return /\.ya?ml$/i.test(fileName);
}

/** Skips the hidden files that macOS packs beside each file. */
function isFlowFile(path: string): boolean {
  const name = path.split('/').at(-1) ?? '';
  return (
    (name.toLowerCase().endsWith('.json') || isYaml(name)) &&
    !name.startsWith('.') &&
    !path.startsWith('__MACOSX/')
  );
}

function checkSizes(entry: Entry, maxFileBytes: number, unpacked: number): void {
  const { fileName, uncompressedSize: bytes, compressedSize } = entry;
  if (!entry.canDecodeFileData())
    throw invalid(`${fileName} is encrypted or packed in an unusual way; pack it again without encryption.`);
  if (bytes > maxFileBytes) {
    throw causewayError('PAYLOAD_TOO_LARGE', {
      what: fileName,
      bytes,
      limitName: 'CAUSEWAY_MAX_FLOW_BYTES',
      limitBytes: maxFileBytes,
    });
  }
  const limitBytes = maxFileBytes * UNPACKED_FACTOR;
  if (unpacked > limitBytes) {
    const limitName = `${UNPACKED_FACTOR} times CAUSEWAY_MAX_FLOW_BYTES`;
    throw causewayError('PAYLOAD_TOO_LARGE', {
      what: 'The unpacked ZIP',
      bytes: unpacked,
      limitName,
      limitBytes,
    });
  }
  if (bytes > RATIO_FROM_BYTES && bytes > compressedSize * MOST_RATIO) {
    throw invalid(
      `${fileName} unpacks to more than ${MOST_RATIO} times its size; the limit is ${MOST_RATIO}.`,
    );
  }
}

async function bytesOf(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function unreadable(error: unknown): Error {
  if (isCausewayError(error)) return error;
  const why = error instanceof Error ? error.message : String(error);
  return invalid(`it cannot be read (${why}); pack it again.`, error);
}

function invalid(problem: string, cause?: unknown): Error {
  return causewayError('FLOW_INVALID', { problems: `The ZIP is not usable: ${problem}` }, { cause });
}
