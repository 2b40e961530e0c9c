import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { causewayError } from '@causeway/contracts';
import { log } from '../logging/log.js';
import { openPieces, sealPieces } from '../vault/seal-stream.js';
import type { Vault } from '../vault/vault.js';
import { sweepFolder } from './sweeping.js';

/** Largest text that one service passes to another. What is larger must be asked for in parts. */
export const MOST_PASSED_BYTES = 64 * 1024 * 1024;
/** Whoever waited for a text has given up long before. */
const KEPT_MS = 60 * 60_000;
const SALT_BYTES = 32;
const NAME = /^[0-9a-f-]{36}(\.sealed)?$/;

/**
 * Texts on their way from one process to another that are too long for the bus: each a file of its own below the object store, which
 * all services share, and sealed where there is a master key. No row ever names one. Whoever has read it removes it; what a
 * process left behind when it died is swept away after an hour.
 */
export class Passing {
  readonly #folder: string;
  readonly #vault: Vault | undefined;

  /** @param objectStore  the folder that all services share */
  constructor(objectStore: string, vault?: Vault) {
    this.#folder = resolve(objectStore, 'passing');
    this.#vault = vault;
  }

  /**
   * Leaves a text for another process.
   *
   * @param what  names the text in the error
   * @returns the name to load it by
   * @throws CausewayError PAYLOAD_TOO_LARGE beyond 64 MiB
   */
  async leave(text: string, what: string): Promise<string> {
    const bytes = Buffer.byteLength(text);
    if (bytes > MOST_PASSED_BYTES) {
      const limitName = 'of a message between services';
      throw causewayError('PAYLOAD_TOO_LARGE', { what, bytes, limitName, limitBytes: MOST_PASSED_BYTES });
    }
    await mkdir(this.#folder, { recursive: true });
    const name = this.#vault ? `${randomUUID()}.sealed` : randomUUID();
    const path = join(this.#folder, name);
    // Not synced: who waits for it does not outlive a power loss either.
    await writeFile(`${path}.part`, this.#vault ? sealed(text, this.#vault) : text);
    await rename(`${path}.part`, path);
    return name;
  }

  /** @throws CausewayError PAYLOAD_MISSING; SEALED_UNREADABLE */
  async load(name: string): Promise<string> {
    const stored = await readFile(this.#path(name)).catch((error: unknown) => {
      throw causewayError('PAYLOAD_MISSING', { sha256: name }, { cause: error });
    });
    if (!name.endsWith('.sealed')) return stored.toString('utf8');
    if (!this.#vault) throw causewayError('SEALED_UNREADABLE', { problem: 'this process has no master key' });
    const key = this.#vault.keyOf('passing', stored.subarray(0, SALT_BYTES));
    return (await buffer(openPieces([stored.subarray(SALT_BYTES)], key))).toString('utf8');
  }

  /** Removes a text that was read, or that nobody will read. What cannot be removed now is swept later. */
  async remove(name: string): Promise<void> {
    await rm(this.#path(name), { force: true }).catch((error: unknown) =>
      log.warn({ error, name }, 'passed text not removed'),
    );
  }

  /** Removes what nobody came for within an hour. */
  async sweep(nowMs: number): Promise<void> {
    await sweepFolder(this.#folder, KEPT_MS, nowMs);
  }

  #path(name: string): string {
    if (!NAME.test(name)) throw causewayError('PAYLOAD_MISSING', { sha256: name.slice(0, 64) });
    return join(this.#folder, name);
  }
}

async function* sealed(text: string, vault: Vault): AsyncGenerator<Buffer> {
  const salt = randomBytes(SALT_BYTES);
  yield salt;
  yield* sealPieces([Buffer.from(text)], vault.keyOf('passing', salt));
}
