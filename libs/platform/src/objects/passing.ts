import { randomBytes, randomUUID } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { causewayError } from '@causeway/contracts';
import { log } from '../logging/log.js';
import { openPieces, sealPieces } from '../vault/seal-stream.js';
import type { Vault } from '../vault/vault.js';
import type { ObjectStore } from './object-store.js';

/** Largest text that one service passes to another. What is larger must be asked for in parts. */
export const MOST_PASSED_BYTES = 64 * 1024 * 1024;
const SALT_BYTES = 32;

/**
 * Texts on their way from one process to another that are too long for the bus: each left in the object store, which all services
 * share, and sealed where there is a master key. No row ever names one. Whoever has read it removes it; what a process left behind
 * when it died is swept away after an hour.
 */
export class Passing {
  readonly #objects: ObjectStore;
  readonly #vault: Vault | undefined;

  constructor(objects: ObjectStore, vault?: Vault) {
    this.#objects = objects;
    this.#vault = vault;
  }

  /**
   * Leaves a text for another process.
   *
   * @param what  names the text in the error
   * @returns the name to load it by
   * @throws CausewayError PAYLOAD_TOO_LARGE beyond 64 MiB; UNAVAILABLE
   */
  async leave(text: string, what: string): Promise<string> {
    const bytes = Buffer.byteLength(text);
    if (bytes > MOST_PASSED_BYTES) {
      const limitName = 'of a message between services';
      throw causewayError('PAYLOAD_TOO_LARGE', { what, bytes, limitName, limitBytes: MOST_PASSED_BYTES });
    }
    const name = this.#vault ? `${randomUUID()}.sealed` : randomUUID();
    await this.#objects.leave(name, this.#vault ? await sealed(text, this.#vault) : Buffer.from(text));
    return name;
  }

  /** @throws CausewayError PAYLOAD_MISSING; SEALED_UNREADABLE; UNAVAILABLE */
  async load(name: string): Promise<string> {
    const stored = await this.#objects.take(name);
    if (!name.endsWith('.sealed')) return stored.toString('utf8');
    if (!this.#vault) throw causewayError('SEALED_UNREADABLE', { problem: 'this process has no master key' });
    const key = this.#vault.keyOf('passing', stored.subarray(0, SALT_BYTES));
    return (await buffer(openPieces([stored.subarray(SALT_BYTES)], key))).toString('utf8');
  }

  /** Removes a text that was read, or that nobody will read. What cannot be removed now is swept later. */
  async remove(name: string): Promise<void> {
    await this.#objects
      .drop(name)
      .catch((error: unknown) => log.warn({ error, name }, 'passed text not removed'));
  }
}

async function sealed(text: string, vault: Vault): Promise<Buffer> {
  const salt = randomBytes(SALT_BYTES);
  const pieces: Buffer[] = [salt];
  for await (const piece of sealPieces([Buffer.from(text)], vault.keyOf('passing', salt))) pieces.push(piece);
  return Buffer.concat(pieces);
}
