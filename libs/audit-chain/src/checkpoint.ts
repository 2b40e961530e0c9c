import { canonicalJson } from '@causeway/dag';
import { hashOfText } from './chain-hash.js';
import { merkleRoot } from './merkle.js';

/** What a checkpoint says about a block of events of one organisation, one after the other. */
export interface Checkpoint {
  readonly format: 1;
  readonly organisationId: string;
  /** 1, 2, 3… */
  readonly number: number;
  /** The first and the last event of the block. */
  readonly from: number;
  readonly to: number;
  /** The chain's hash at the last event. */
  readonly hash: string;
  /** The root of the Merkle tree over the hashes of its events. */
  readonly root: string;
  /** The hash of the checkpoint before it; null for the first one. */
  readonly previous: string | null;
  /** When it was made. */
  readonly at: string;
  /** The key that signs it. */
  readonly keyId: string;
  /** True for block 0: its events were recorded before the chain began, and are proven to be unchanged only since `at`. */
  readonly isBlockZero?: true;
}

/** A checkpoint with its signature, base64url. */
export interface SignedCheckpoint {
  readonly checkpoint: Checkpoint;
  readonly signature: string;
}

/** The checkpoint that follows another one. @param hashes  those of its events, in their order */
export function nextCheckpoint(
  previous: Checkpoint | undefined,
  hashes: readonly string[],
  rest: Pick<Checkpoint, 'organisationId' | 'at' | 'keyId' | 'isBlockZero'>,
): Checkpoint {
  const from = (previous?.to ?? 0) + 1;
  return {
    format: 1,
    number: (previous?.number ?? 0) + 1,
    from,
    to: from + hashes.length - 1,
    hash: hashes.at(-1) as string,
    root: merkleRoot(hashes),
    previous: previous ? checkpointHash(previous) : null,
    ...rest,
  };
}

/** What the next checkpoint names as `previous`. */
export function checkpointHash(checkpoint: Checkpoint): string {
  return hashOfText(canonicalJson(checkpoint));
}
