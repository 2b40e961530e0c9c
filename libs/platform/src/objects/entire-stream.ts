import { Readable } from 'node:stream';
import { missing } from './object-store.js';

export interface EntireOptions {
  /** How long the source may send nothing while a reader waits, in milliseconds; pauses of the reader do not count. @default no limit */
  readonly idleMs?: number;
  /** Makes the error for a failure of the source. @default the source's own error */
  readonly brokenOff?: (error: unknown) => Error;
}

/**
 * A stream that ends only after all its bytes: it fails when the source ends early, or sends nothing for too long while a reader waits.
 *
 * @param name  of the object, for the error
 */
export function entireStream(
  source: Readable,
  name: string,
  bytes: number,
  options: EntireOptions = {},
): Readable {
  const stream = Readable.from(entirely(source, name, bytes, options), { objectMode: false });
  // If the stream was never read, the generator has not begun, so its end does not close the source.
  return stream.once('close', () => source.destroy());
}

async function* entirely(
  source: Readable,
  name: string,
  bytes: number,
  { idleMs, brokenOff }: EntireOptions,
): AsyncGenerator<Uint8Array> {
  let given = 0;
  let timer: NodeJS.Timeout | undefined;
  const wait = (): void => {
    if (idleMs === undefined) return;
    const late = new Error(`no bytes of it for ${idleMs} ms`);
    timer = setTimeout(() => source.destroy(late), idleMs).unref();
  };
  try {
    wait();
    for await (const chunk of source) {
      clearTimeout(timer);
      given += (chunk as Uint8Array).length;
      yield chunk as Uint8Array;
      wait();
    }
  } catch (error) {
    throw brokenOff ? brokenOff(error) : error;
  } finally {
    clearTimeout(timer);
    source.destroy();
  }
  if (given !== bytes) throw missing(name, new Error(`it ended after ${given} of ${bytes} bytes`));
}
