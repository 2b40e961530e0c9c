/** Callers of one network that may wait, and callers of all networks. */
const MOST_OF_NETWORK = 20;
const MOST_WAITING = 1_000;

/** Callers who wait for their turn: one of each network after the other, so that nobody keeps out everybody else by waiting many times. */
export class FairQueue {
  /** In the order of the networks' turns. */
  readonly #lanes = new Map<string, (() => void)[]>();
  #size = 0;

  /** @returns false when too many wait */
  add(network: string, go: () => void): boolean {
    const lane = this.#lanes.get(network) ?? [];
    if (this.#size >= MOST_WAITING || lane.length >= MOST_OF_NETWORK) return false;
    lane.push(go);
    this.#lanes.set(network, lane);
    this.#size += 1;
    return true;
  }

  /** Takes the one whose turn it is; its network is the last one now. */
  next(): (() => void) | undefined {
    const [first] = this.#lanes;
    if (!first) return undefined;
    const [network, lane] = first;
    const go = lane.shift();
    this.#lanes.delete(network);
    if (lane.length > 0) this.#lanes.set(network, lane);
    this.#size -= 1;
    return go;
  }
}
