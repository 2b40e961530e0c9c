import { randomBytes, randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { causewayError } from '@causeway/contracts';
import { log } from '../logging/log.js';
import { openPieces, sealPieces } from '../vault/seal-stream.js';
import type { Vault } from '../vault/vault.js';
import type { ObjectStore } from './object-store.js';

/** Largest texts that one service passes to another. What is larger must be asked for in parts. */
export const MOST_PASSED_BYTES = 64 * 1024 * 1024;
const SALT_BYTES = 32;
/** Pieces of 64 KiB that are sealed or opened before others are served. */
const PIECES_IN_A_TURN = 64;

/**
 * Texts on their way from one process to another that are too long for the bus: each left in the object store, which all services
 * share, and sealed where there is a master key, behind a line with their lengths in bytes. No row ever names one. Whoever has read it removes it; what a process left behind
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
   * Leaves texts for another process.
   *
   * @param what  names the texts in the error
   * @returns the name to load them by
   * @throws CausewayError PAYLOAD_TOO_LARGE beyond 64 MiB; UNAVAILABLE
   */
  async leave(texts: readonly string[], what: string): Promise<string> {
    const parts = texts.map((text) => Buffer.from(text));
    const bytes = parts.reduce((sum, part) => sum + part.length, 0);
    if (bytes > MOST_PASSED_BYTES) {
      const limitName = 'of a message between services';
      throw causewayError('PAYLOAD_TOO_LARGE', { what, bytes, limitName, limitBytes: MOST_PASSED_BYTES });
    }
    const lengths = Buffer.from(`${parts.map((part) => part.length).join(' ')}\n`);
    const name = this.#vault ? `${randomUUID()}.sealed` : randomUUID();
    const content = [lengths, ...parts];
    await this.#objects.leave(
      name,
      this.#vault ? await sealed(content, this.#vault) : Buffer.concat(content),
    );
    return name;
  }

  /** @throws CausewayError PAYLOAD_MISSING; SEALED_UNREADABLE; UNAVAILABLE */
  async load(name: string): Promise<string[]> {
    const content = await this.#open(name, await this.#objects.take(name));
    let end = content.indexOf('\n') + 1;
    const lengths = content
      .toString('latin1', 0, Math.max(0, end - 1))
      .split(' ')
      .map(Number);
    return lengths.map((length) => content.toString('utf8', end, (end += length)));
  }

  async #open(name: string, stored: Buffer): Promise<Buffer> {
    if (!name.endsWith('.sealed')) return stored;
    if (!this.#vault) throw causewayError('SEALED_UNREADABLE', { problem: 'this process has no master key' });
    const key = this.#vault.keyOf('passing', stored.subarray(0, SALT_BYTES));
    const pieces: Buffer[] = [];
    let turnAt = 0;
    for await (const piece of openPieces([stored.subarray(SALT_BYTES)], key)) {
      pieces.push(piece);
      if (pieces.length >= turnAt + PIECES_IN_A_TURN) turnAt = await turn(pieces.length);
    }
    return Buffer.concat(pieces);
  }

  /** Removes a text that was read, or that nobody will read. What cannot be removed now is swept later. */
  async remove(name: string): Promise<void> {
    await this.#objects
      .drop(name)
      .catch((error: unknown) => log.warn({ error, name }, 'passed text not removed'));
  }
}

async function sealed(content: readonly Buffer[], vault: Vault): Promise<Buffer> {
  const salt = randomBytes(SALT_BYTES);
  const pieces: Buffer[] = [salt];
  let turnAt = 0;
  for await (const piece of sealPieces(content, vault.keyOf('passing', salt))) {
    pieces.push(piece);
    if (pieces.length >= turnAt + PIECES_IN_A_TURN) turnAt = await turn(pieces.length);
  }
  return Buffer.concat(pieces);
}

/** Lets others be served. @returns `at` */
async function turn(at: number): Promise<number> {
  await setImmediate();
  return at;
}
