import { LRUCache } from 'lru-cache';
import { log } from '../logging/log.js';
import { KeySource, type RowKey, type SealedPlace } from './key-source.js';
import { deriveRowKey } from './row-key.js';

/** A data key of an organisation. */
export interface DataKey {
  readonly id: string;
  /** 32 bytes. */
  readonly key: Buffer;
}

/** The owner of the data keys, which is asked for them. */
export interface KeyOwner {
  /** The current data key of an organisation, or the one with this id. @throws CausewayError SEALED_UNREADABLE, UNAVAILABLE, TIMED_OUT */
  dataKey(organisationId: string, id?: string): Promise<DataKey>;
  openOld(organisationId: string, sealed: string): Promise<string>;
  oldFileKey(organisationId: string, masterKeyId: string, salt: Buffer): Promise<Buffer>;
}

/** After so long it is asked whether a data key is still the current one; a rotation also says so at once. */
const FRESH_MS = 30_000;
/** It is asked again after so long when nobody has answered. */
const AGAIN_MS = 2_000;
const MOST_ORGANISATIONS = 1_000;
const MOST_KEYS = 5_000;

interface Current {
  readonly key: DataKey;
  freshUntilMs: number;
}

/**
 * The data keys of organisations, asked for when they are first needed and then remembered: a process that cannot reach their owner
 * continues with those that it knows, and a value that was sealed with a newer one has its key fetched.
 */
export class DataKeys extends KeySource {
  readonly #owner: KeyOwner;
  readonly #current = new LRUCache<string, Current>({ max: MOST_ORGANISATIONS });
  readonly #byId = new LRUCache<string, DataKey>({ max: MOST_KEYS });
  readonly #asking = new Map<string, Promise<DataKey>>();

  constructor(owner: KeyOwner) {
    super();
    this.#owner = owner;
  }

  /** Whether it has had an answer: before the first one, nothing can be sealed or opened. */
  get hasAny(): boolean {
    return this.#byId.size > 0;
  }

  override async rowKey(
    place: Pick<SealedPlace, 'organisationId' | 'kind' | 'id'>,
    dataKeyId?: string,
  ): Promise<RowKey> {
    const { organisationId } = place;
    const { id, key } = await (dataKeyId === undefined
      ? this.#currentOf(organisationId)
      : this.#withId(organisationId, dataKeyId));
    return { dataKeyId: id, key: deriveRowKey(key, place) };
  }

  override openOld(organisationId: string, sealed: string): Promise<string> {
    return this.#owner.openOld(organisationId, sealed);
  }

  override oldFileKey(organisationId: string, masterKeyId: string, salt: Buffer): Promise<Buffer> {
    return this.#owner.oldFileKey(organisationId, masterKeyId, salt);
  }

  /** The id of the data key that seals now. */
  async currentId(organisationId: string): Promise<string> {
    return (await this.#currentOf(organisationId)).id;
  }

  /** Asks which data key is the current one, whatever is remembered. @throws CausewayError UNAVAILABLE, TIMED_OUT */
  async refresh(organisationId: string): Promise<void> {
    await this.#ask(organisationId);
  }

  async #currentOf(organisationId: string): Promise<DataKey> {
    const known = this.#current.get(organisationId);
    if (!known) return this.#ask(organisationId);
    const nowMs = performance.now();
    if (known.freshUntilMs <= nowMs) {
      known.freshUntilMs = nowMs + AGAIN_MS;
      this.refresh(organisationId).catch((error: unknown) =>
        log.failure(error, 'data key not asked for again', { organisationId }),
      );
    }
    return known.key;
  }

  async #withId(organisationId: string, id: string): Promise<DataKey> {
    return this.#byId.get(nameOf(organisationId, id)) ?? this.#ask(organisationId, id);
  }

  /** Several who need a key at the same time ask once. */
  #ask(organisationId: string, id?: string): Promise<DataKey> {
    const name = nameOf(organisationId, id);
    const asking = this.#asking.get(name) ?? this.#fetch(organisationId, id);
    this.#asking.set(name, asking);
    const end = (): boolean => this.#asking.delete(name);
    asking.then(end, end);
    return asking;
  }

  async #fetch(organisationId: string, id?: string): Promise<DataKey> {
    const key = await this.#owner.dataKey(organisationId, id);
    this.#byId.set(nameOf(organisationId, key.id), key);
    if (id === undefined)
      this.#current.set(organisationId, { key, freshUntilMs: performance.now() + FRESH_MS });
    return key;
  }
}

/** A key is remembered with its organisation, so that another one's id finds nothing. */
function nameOf(organisationId: string, id = ''): string {
  return `${organisationId} ${id}`;
}
