import { causewayError } from '@causeway/contracts';
import { environmentName } from '@causeway/platform';
import type { FastifyReply } from 'fastify';

const RETRY_AFTER_S = 2;

/** Counts the uploads that each key sends now: each of them keeps a connection and a file open. */
export class Uploads {
  readonly #byKey = new Map<string, number>();

  constructor(private readonly mostOfAKey: number) {}

  /**
   * Counts an upload until it is answered or its caller has left.
   *
   * @throws CausewayError KEY_UPLOADS_FULL
   */
  begin(key: string, { raw }: FastifyReply): void {
    if (raw.destroyed) return;
    const current = this.#byKey.get(key) ?? 0;
    if (current >= this.mostOfAKey)
      throw causewayError('KEY_UPLOADS_FULL', {
        limit: this.mostOfAKey,
        limitName: environmentName('maxUploadsPerKey'),
        retryAfterS: RETRY_AFTER_S,
      });
    this.#byKey.set(key, current + 1);
    raw.once('close', () => this.#end(key));
  }

  #end(key: string): void {
    const left = (this.#byKey.get(key) ?? 0) - 1;
    if (left > 0) this.#byKey.set(key, left);
    else this.#byKey.delete(key);
  }
}
