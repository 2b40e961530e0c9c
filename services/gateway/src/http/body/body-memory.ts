import { Transform, type Readable, type TransformCallback } from 'node:stream';
import { causewayError } from '@causeway/contracts';
import { environmentName } from '@causeway/platform';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Settings } from '../../config.js';

/** One key may have this part of what all have together. */
const SHARE_OF_A_KEY = 1 / 4;
const RETRY_AFTER_S = 2;

/**
 * What the bodies of requests under way have in memory, of all callers and of each key. A body counts from its first byte, or from
 * its declared length, until its request is answered: a run that is waited for keeps what it was given.
 */
export class BodyMemory {
  private readonly mostBytes: number;
  private readonly mostOfAKey: number;
  private readonly held = new WeakMap<FastifyRequest, { bytes: number }>();
  private readonly byKey = new Map<string, number>();
  private bytes = 0;

  constructor({ maxBodiesBytes, maxFlowBytes }: Pick<Settings, 'maxBodiesBytes' | 'maxFlowBytes'>) {
    this.mostBytes = maxBodiesBytes;
    // One flow of the largest size can always come in.
    this.mostOfAKey = Math.max(Math.floor(maxBodiesBytes * SHARE_OF_A_KEY), maxFlowBytes);
  }

  /**
   * Counts bytes of a request's body.
   *
   * @throws CausewayError KEY_BODIES_FULL, BODIES_FULL
   */
  add(request: FastifyRequest, reply: FastifyReply, key: string, bytes: number): void {
    const ofKey = (this.byKey.get(key) ?? 0) + bytes;
    const limitName = environmentName('maxBodiesBytes');
    if (ofKey > this.mostOfAKey)
      throw causewayError('KEY_BODIES_FULL', {
        limitBytes: this.mostOfAKey,
        limitName,
        retryAfterS: RETRY_AFTER_S,
      });
    if (this.bytes + bytes > this.mostBytes)
      throw causewayError('BODIES_FULL', {
        limitBytes: this.mostBytes,
        limitName,
        retryAfterS: RETRY_AFTER_S,
      });
    this.bytes += bytes;
    this.byKey.set(key, ofKey);
    const held = this.held.get(request);
    if (held) held.bytes += bytes;
    else this.hold(request, reply, key, bytes);
  }

  private hold(request: FastifyRequest, reply: FastifyReply, key: string, bytes: number): void {
    const held = { bytes };
    this.held.set(request, held);
    reply.raw.once('close', () => {
      this.bytes -= held.bytes;
      const left = (this.byKey.get(key) ?? 0) - held.bytes;
      if (left > 0) this.byKey.set(key, left);
      else this.byKey.delete(key);
    });
  }
}

/** The same stream, of which each piece is counted before it is passed on. `encodedBytes` tells what came in of it. */
export function counted(
  source: Readable & { readonly receivedEncodedLength?: number },
  count: (bytes: number) => void,
): Readable {
  const counting = new Counting(count, () => source.receivedEncodedLength);
  // Whoever has refused the body does not listen any longer; what fails then concerns nobody.
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
