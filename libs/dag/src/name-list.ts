import { shortMasked } from './secret/short-masked.js';

/** How many names are listed; the others are counted. */
const MOST_NAMES = 20;
const MOST_CHARACTERS = 200;

/** Names that a caller sent, limited in number and size, and without keys: a request of 20 MB can have a million of them. */
export class NameList {
  readonly #kept: string[] = [];
  #leftOut = 0;

  /** @param parts  are joined by a dot */
  add(...parts: readonly string[]): void {
    if (this.#kept.length === MOST_NAMES) this.#leftOut++;
    else this.#kept.push(parts.map((part) => shortMasked(part, MOST_CHARACTERS)).join('.'));
  }

  /** The first names, then how many more there are. */
  toArray(): string[] {
    return this.#leftOut === 0 ? [...this.#kept] : [...this.#kept, `and ${this.#leftOut} more`];
  }
}
