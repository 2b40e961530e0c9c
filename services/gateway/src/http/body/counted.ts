import { Transform, type TransformCallback } from 'node:stream';
import type { EncodedBody } from './encoded-body.js';

/** The same stream; each piece is counted before it is passed on. An error of `count` ends the stream. */
export function counted(source: EncodedBody, count: (bytes: number) => void): EncodedBody {
  const counting = new Counting(count, () => source.receivedEncodedLength);
  // After a refusal no reader listens any more, so a later failure is ignored.
  counting.on('error', () => {});
  source.once('error', (error) => counting.destroy(error));
  counting.once('close', () => source.unpipe(counting));
  return source.pipe(counting);
}

class Counting extends Transform {
  constructor(
    private readonly count: (bytes: number) => void,
    private readonly encoded: () => number | undefined,
  ) {
    super();
  }

  get receivedEncodedLength(): number | undefined {
    return this.encoded();
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    try {
      this.count(chunk.length);
      done(null, chunk);
    } catch (error) {
      done(error as Error);
    }
  }
}
