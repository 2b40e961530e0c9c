/** A text or bytes, and whose it is. */
export type Wanted<Owner> = readonly [what: string | Buffer, owner: Owner];

interface Candidate<Owner> {
  readonly bytes: Buffer;
  readonly owner: Owner;
}

/** Of each wanted text the first bytes are compared first, all at once. */
const HEAD_BYTES = 4;

/**
 * Finds any of many texts in one pass, however many they are: a search for each of a thousand forms of secrets in hundreds of megabytes
 * would take minutes.
 */
export class TextFinder<Owner> {
  /** Which hashes of heads there are. */
  readonly #heads = new Uint8Array(1 << 16);
  readonly #byHead = new Map<number, Candidate<Owner>[]>();

  /** @throws Error for a text of fewer than four bytes, which would be found by chance */
  constructor(wanted: Iterable<Wanted<Owner>>) {
    for (const [what, owner] of wanted) {
      const bytes = Buffer.from(what as string);
      if (bytes.length < HEAD_BYTES) throw new Error(`a text of ${bytes.length} bytes is found everywhere`);
      const head = bytes.readInt32BE(0);
      this.#heads[hashOf(head)] = 1;
      const others = this.#byHead.get(head);
      if (others) others.push({ bytes, owner });
      else this.#byHead.set(head, [{ bytes, owner }]);
    }
  }

  /** Whose texts are in it. */
  find(text: string | Buffer): Set<Owner> {
    const bytes = typeof text === 'string' ? Buffer.from(text) : text;
    const found = new Set<Owner>();
    let head = 0;
    for (let at = 0; at < bytes.length; at += 1) {
      head = (head << 8) | (bytes[at] as number);
      if (at < HEAD_BYTES - 1 || this.#heads[hashOf(head)] === 0) continue;
      const from = at - HEAD_BYTES + 1;
      for (const { bytes: wanted, owner } of this.#byHead.get(head) ?? [])
        if (!found.has(owner) && wanted.equals(bytes.subarray(from, from + wanted.length))) found.add(owner);
    }
    return found;
  }
}

function hashOf(head: number): number {
  return Math.imul(head, 0x9e3779b1) >>> 16;
}
