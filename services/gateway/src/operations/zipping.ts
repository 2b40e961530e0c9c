import { Readable, pipeline } from 'node:stream';
import { createDeflateRaw } from 'node:zlib';
import { Zip, ZipPassThrough } from 'fflate';

/** One file of a ZIP; its content is read when its turn comes. */
export interface ZipSource {
  readonly name: string;
  content(): Promise<AsyncIterable<Uint8Array> | Iterable<Uint8Array>>;
}

/** A ZIP of named files as a stream, made one file after the other: it needs the memory of a few chunks. Equal names get a number. */
export function zipFiles(files: AsyncIterable<ZipSource> | Iterable<ZipSource>): Readable {
  return Readable.from(zipped(files), { objectMode: false });
}

async function* zipped(files: AsyncIterable<ZipSource> | Iterable<ZipSource>): AsyncGenerator<Uint8Array> {
  const made: Uint8Array[] = [];
  const zip = new Zip((error, piece) => {
    if (error) throw error;
    made.push(piece);
  });
  const taken = new Set<string>();
  for await (const file of files) {
    const entry = new DeflatedEntry(freeName(file.name, taken));
    zip.add(entry);
    for await (const piece of entry.deflate(await file.content())) {
      entry.ondata(null, piece, false);
      yield* made.splice(0);
    }
    entry.ondata(null, new Uint8Array(), true);
    yield* made.splice(0);
  }
  zip.end();
  yield* made.splice(0);
}

/** fflate writes the ZIP and counts the bytes; zlib compresses, because fflate would do that on this thread. */
class DeflatedEntry extends ZipPassThrough {
  override compression = 8;

  async *deflate(
    content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  ): AsyncGenerator<Buffer<ArrayBuffer>> {
    const count = (chunk: Uint8Array, isLast: boolean): void => this.push(chunk, isLast);
    async function* counted(): AsyncGenerator<Uint8Array> {
      for await (const chunk of content) {
        count(chunk, false);
        yield chunk;
      }
      count(new Uint8Array(), true);
    }
    const deflated = createDeflateRaw();
    // An error on either side ends both; the reader gets it from the stream itself.
    pipeline(Readable.from(counted(), { objectMode: false }), deflated, () => {});
    // Node's types do not say that a stream of bytes yields buffers.
    yield* deflated as AsyncIterable<Buffer<ArrayBuffer>>;
  }

  /** Pushed bytes are only counted here: `zipped` passes on the compressed ones. */
  protected override process(): void {}
}

function freeName(name: string, taken: Set<string>): string {
  const safe = name.replace(/[\\/:*?"<>|\p{Cc}]/gu, '_').slice(0, 200) || 'file';
  let free = safe;
  for (let copy = 1; taken.has(free); copy++)
    free = safe.replace(/(\.[^.]*)?$/, (ending) => ` (${copy})${ending}`);
  taken.add(free);
  return free;
}
