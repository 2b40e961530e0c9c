import { randomBytes } from 'node:crypto';
import { encodingsOf, encodingsOfBytes } from '../../src/find-canaries.js';
import { TextFinder, type Wanted } from '../../src/text-finder.js';

/** A secret that the platform has been given, has given, or holds. */
export interface Canary {
  /** What it is, such as `refresh token`. */
  readonly kind: string;
  /** Whose it is, where that says in which places it belongs: a service. */
  readonly of: string;
  readonly value: string | Buffer;
}

/** The kind of what is planted where it must be found, which proves the search. */
export const DECOY = 'decoy';

/** All secrets that must be nowhere but where they belong. */
export class Planted {
  readonly #canaries: Canary[] = [];

  /** @throws Error for a value that is too short to be told from chance, which would mean that a test did not get what it planted */
  add(kind: string, value: string | Buffer | undefined, of = ''): void {
    if (value === undefined || value.length < 8) throw new Error(`this is no ${kind}: it is too short`);
    this.#canaries.push({ kind, of, value });
  }

  /** A new text that is planted as this kind. */
  make(kind: string): string {
    const value = `canary${randomBytes(12).toString('hex')}`;
    this.add(kind, value);
    return value;
  }

  /** All but decoys. */
  get secrets(): readonly Canary[] {
    return this.#canaries.filter(({ kind }) => kind !== DECOY);
  }

  get kinds(): readonly string[] {
    return [...new Set(this.secrets.map(({ kind }) => kind))].toSorted();
  }

  /** Finds each of them in each of its forms. */
  finder(): TextFinder<Canary> {
    return new TextFinder(
      this.#canaries.flatMap((canary): Wanted<Canary>[] => {
        const { value } = canary;
        if (typeof value === 'string') return encodingsOf(value).map((form) => [form, canary]);
        return [[value, canary], ...encodingsOfBytes(value).map((form): Wanted<Canary> => [form, canary])];
      }),
    );
  }
}
