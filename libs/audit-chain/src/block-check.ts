import type { Checkpoint } from './checkpoint.js';
import { merkleRoot, rootOfProof } from './merkle.js';

/** The hashes of the events that belong to the current checkpoint, as far as they have come. */
export class BlockCheck {
  readonly #hashes: string[] = [];
  #isWhole = true;

  constructor(
    readonly checkpoint: Checkpoint,
    /** Whether the checkpoint's signature is right: nothing is proven by another one. */
    readonly isTrusted: boolean,
    readonly line: number,
  ) {}

  holds(seq: number): boolean {
    return seq >= this.checkpoint.from && seq <= this.checkpoint.to;
  }

  /** Adds the hash of the next event of the block. */
  add(seq: number, hash: string): void {
    if (seq !== this.checkpoint.from + this.#hashes.length) this.#isWhole = false;
    else this.#hashes.push(hash);
  }

  /** Whether every event has come, so that the root can be compared. */
  get isWhole(): boolean {
    return this.#isWhole && this.#hashes.length === this.#size;
  }

  /** Whether the root of the events that have come is the one that was signed. Only for a whole block. */
  hasSignedRoot(): boolean {
    const { root, hash } = this.checkpoint;
    return merkleRoot(this.#hashes) === root && this.#hashes.at(-1) === hash;
  }

  /** Whether a proof leads from an event to the root that was signed. */
  isProvenBy(seq: number, hash: string, proof: readonly string[]): boolean {
    const { from, root } = this.checkpoint;
    return this.holds(seq) && rootOfProof({ hash, index: seq - from, size: this.#size }, proof) === root;
  }

  get #size(): number {
    return this.checkpoint.to - this.checkpoint.from + 1;
  }
}
