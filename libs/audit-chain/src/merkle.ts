import { createHash } from 'node:crypto';

/**
 * Merkle trees over the hashes of events. A leaf and an inner node are hashed with different first bytes, so neither can pass for the other.
 * Source: RFC 6962, section 2.1. All hashes are hexadecimal text.
 */

/** The root of a tree. @throws Error for a tree without leaves */
export function merkleRoot(hashes: readonly string[]): string {
  return treeOf(hashes).at(-1)?.[0] as string;
}

/** The levels of a tree, from the leaves to the root, so that many proofs need one tree. @throws Error for a tree without leaves */
export function treeOf(hashes: readonly string[]): readonly (readonly string[])[] {
  if (hashes.length === 0) throw new Error('a tree has at least one leaf');
  const levels = [hashes.map(leafOf)];
  for (let level = levels[0] as string[]; level.length > 1;) {
    const above: string[] = [];
    for (let at = 0; at < level.length; at += 2) {
      const [left, right] = [level[at] as string, level[at + 1]];
      // A node without a sibling moves up unchanged.
      above.push(right === undefined ? left : nodeOf(left, right));
    }
    levels.push(above);
    level = above;
  }
  return levels;
}

/** The sibling hashes with which the leaf at `index` leads to the root, from the leaf upwards. */
export function inclusionProof(tree: readonly (readonly string[])[], index: number): string[] {
  const proof: string[] = [];
  let at = index;
  for (const level of tree.slice(0, -1)) {
    const sibling = level[at ^ 1];
    if (sibling !== undefined) proof.push(sibling);
    at >>= 1;
  }
  return proof;
}

/**
 * The root to which a proof leads.
 *
 * @param leaf   the event's hash, its place in the tree, and the number of leaves
 * @returns      undefined when the proof has another length than such a tree needs
 */
export function rootOfProof(
  { hash, index, size }: { readonly hash: string; readonly index: number; readonly size: number },
  proof: readonly string[],
): string | undefined {
  if (index < 0 || index >= size) return undefined;
  let [at, width, used] = [index, size, 0];
  let root = leafOf(hash);
  while (width > 1) {
    if ((at ^ 1) < width) {
      const sibling = proof[used++];
      if (sibling === undefined) return undefined;
      root = at % 2 === 0 ? nodeOf(root, sibling) : nodeOf(sibling, root);
    }
    at >>= 1;
    width = Math.ceil(width / 2);
  }
  return used === proof.length ? root : undefined;
}

function leafOf(hash: string): string {
  return createHash('sha256').update('\u0000').update(hash, 'hex').digest('hex');
}

function nodeOf(left: string, right: string): string {
  return createHash('sha256').update('\u0001').update(left, 'hex').update(right, 'hex').digest('hex');
}
