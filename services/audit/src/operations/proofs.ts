import { type Checkpoint, FIRST_PREVIOUS, inclusionProof, treeOf } from '@causeway/audit-chain';
import { Injectable } from '@nestjs/common';
import { ExportStore } from '../store/export.store.js';

/** Trees of so many blocks are kept, each of a few megabytes. */
const MOST_TREES = 4;

interface Tree {
  readonly levels: readonly (readonly string[])[];
  readonly hashes: readonly string[];
  readonly previous: string;
}

/** What leads from an event to the root of its checkpoint. */
export interface Proof {
  readonly path: readonly string[];
  /** The hash of the event before it. */
  readonly previous: string;
}

/** Merkle proofs of single events. */
@Injectable()
export class Proofs {
  private readonly trees = new Map<string, Promise<Tree | undefined>>();

  constructor(private readonly store: ExportStore) {}

  /** Undefined where a hash of the block is missing, because rows were deleted by hand. */
  async of(checkpoint: Checkpoint, seq: number): Promise<Proof | undefined> {
    const tree = await this.treeOf(checkpoint);
    if (!tree) return undefined;
    const index = seq - checkpoint.from;
    return {
      path: inclusionProof(tree.levels, index),
      previous: index === 0 ? tree.previous : (tree.hashes[index - 1] as string),
    };
  }

  private treeOf(checkpoint: Checkpoint): Promise<Tree | undefined> {
    const name = `${checkpoint.organisationId} ${checkpoint.number}`;
    const known = this.trees.get(name);
    if (known) return known;
    const tree = this.read(checkpoint).catch((error: unknown) => {
      this.trees.delete(name);
      throw error;
    });
    this.trees.set(name, tree);
    for (const old of this.trees.keys()) {
      if (this.trees.size <= MOST_TREES) break;
      this.trees.delete(old);
    }
    return tree;
  }

  private async read({ organisationId, from, to }: Checkpoint): Promise<Tree | undefined> {
    const found = await this.store.hashes(organisationId, from, to);
    if (found.size !== to - from + 1) return undefined;
    const hashes = [...found.values()];
    const previous = from === 1 ? FIRST_PREVIOUS : await this.store.hashAt(organisationId, from - 1);
    return { levels: treeOf(hashes), hashes, previous: previous ?? FIRST_PREVIOUS };
  }
}
