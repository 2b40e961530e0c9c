import { causewayError, fromWireError } from '@causeway/contracts';
import { isCausewayError } from '@causeway/dag';
import { KeySource, type RowKey, type SealedPlace } from '@causeway/platform';
import { LRUCache } from 'lru-cache';
import type { KeyAnswered, KeyAsked, KeyWish } from './key-messages.js';

/** A run takes minutes and asks for its key several times; a variable is opened once a second. */
const MOST_KEPT = 2_000;
/** The current key of a row is asked for again after so long: its organisation may have another data key. */
const KEPT_MS = 30_000;

const SUPERVISOR = 'the supervisor of this runner';

type Found = Extract<KeyAnswered['answer'], { value: string }>;

/** The end of a channel to the supervisor. */
export interface Channel {
  readonly connected: boolean;
  send?: (message: KeyAsked, after: (error: Error | null) => void) => boolean;
  on(event: 'message', listener: (message: KeyAnswered | { readonly type: string }) => void): unknown;
  on(event: 'disconnect', listener: () => void): unknown;
}

/**
 * The keys of a runner: one for each row that its runs need, from its supervisor, over the channel between the two processes. A runner
 * has no data key, so what runs in it can open nothing else with what it has.
 */
export class SupervisorKeys extends KeySource {
  readonly #channel: Channel;
  readonly #waiting = new Map<
    number,
    { resolve: (found: Found) => void; reject: (error: unknown) => void }
  >();
  readonly #kept = new LRUCache<string, Promise<RowKey>>({ max: MOST_KEPT, ttl: KEPT_MS });
  #last = 0;

  constructor(channel: Channel) {
    super();
    this.#channel = channel;
    channel.on('message', (message) => {
      if (message.type === 'key') this.#hear(message as KeyAnswered);
    });
    channel.on('disconnect', () => {
      for (const n of this.#waiting.keys()) this.#take(n)?.reject(gone());
    });
  }

  override rowKey(
    { organisationId, kind, id }: Pick<SealedPlace, 'organisationId' | 'kind' | 'id'>,
    dataKeyId?: string,
  ): Promise<RowKey> {
    const row = { organisationId, kind, id };
    const name = JSON.stringify([row, dataKeyId]);
    const kept = this.#kept.get(name);
    if (kept) return kept;
    const asked = this.#rowKey({ for: 'row', row, ...(dataKeyId !== undefined && { dataKeyId }) });
    this.#kept.set(name, asked);
    asked.catch(() => this.#kept.delete(name));
    return asked;
  }

  override async openOld(organisationId: string, sealed: string): Promise<string> {
    return JSON.parse((await this.#ask({ for: 'old value', organisationId, sealed })).value) as string;
  }

  override async oldFileKey(organisationId: string, masterKeyId: string, salt: Buffer): Promise<Buffer> {
    const wish = { for: 'old file', organisationId, masterKeyId, salt: salt.toString('base64') } as const;
    return Buffer.from((await this.#ask(wish)).value, 'base64');
  }

  async #rowKey(wish: KeyWish): Promise<RowKey> {
    const { value, dataKeyId = '' } = await this.#ask(wish);
    return { dataKeyId, key: Buffer.from(value, 'base64') };
  }

  #ask(wish: KeyWish): Promise<Found> {
    return new Promise((resolve, reject) => {
      const n = ++this.#last;
      if (!this.#channel.connected || !this.#channel.send) return reject(gone());
      this.#waiting.set(n, { resolve, reject });
      this.#channel.send({ type: 'key', n, wish }, (error) => {
        if (error) this.#take(n)?.reject(gone(error));
      });
    });
  }

  #hear({ n, answer }: KeyAnswered): void {
    const waiting = this.#take(n);
    if ('error' in answer) waiting?.reject(fromWireError(answer.error));
    else waiting?.resolve(answer);
  }

  #take(n: number) {
    const waiting = this.#waiting.get(n);
    this.#waiting.delete(n);
    return waiting;
  }
}

/** Whether a key is missing because the supervisor has ended: it does not come back for this runner. */
export function isSupervisorGone(error: unknown): boolean {
  return isCausewayError(error) && error.details['service'] === SUPERVISOR;
}

function gone(cause?: unknown): Error {
  return causewayError('UNAVAILABLE', { service: SUPERVISOR, retryAfterS: 1 }, { cause });
}
