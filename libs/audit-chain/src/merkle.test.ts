import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { inclusionProof, merkleRoot, rootOfProof, treeOf } from './merkle.js';
import { uncovered } from './removal.js';

const hashes = (count: number): string[] =>
  Array.from({ length: count }, (_, n) => createHash('sha256').update(String(n)).digest('hex'));

describe('a Merkle tree', () => {
  it.each([1, 2, 3, 4, 5, 7, 8, 9, 100])(
    'with %i leaves proves each of them, and only at its place',
    (size) => {
      const leaves = hashes(size);
      const tree = treeOf(leaves);
      const root = merkleRoot(leaves);
      for (const [index, hash] of leaves.entries()) {
        const proof = inclusionProof(tree, index);
        expect(rootOfProof({ hash, index, size }, proof)).toBe(root);
        expect(rootOfProof({ hash: leaves[(index + 1) % size] as string, index, size }, proof) === root).toBe(
          size === 1,
        );
        expect(rootOfProof({ hash, index, size }, [...proof, hash])).toBeUndefined();
        expect(rootOfProof({ hash, index: size, size }, proof)).toBeUndefined();
      }
    },
  );

  it('has the root that RFC 6962 prescribes for one and for two leaves', () => {
    const sha = (text: string): string => createHash('sha256').update(Buffer.from(text, 'hex')).digest('hex');
    const [one = '', two = ''] = hashes(2);
    expect(merkleRoot([one])).toBe(sha(`00${one}`));
    expect(merkleRoot([one, two])).toBe(sha(`01${sha(`00${one}`)}${sha(`00${two}`)}`));
  });
});

describe('uncovered', () => {
  it.each([
    [[[1, 9]], [[1, 9]], []],
    [
      [[1, 9]],
      [
        [3, 4],
        [6, 6],
      ],
      [
        [1, 2],
        [5, 5],
        [7, 9],
      ],
    ],
    [
      [
        [1, 2],
        [3, 4],
        [8, 9],
      ],
      [[0, 1]],
      [
        [2, 4],
        [8, 9],
      ],
    ],
    [
      [
        [5, 6],
        [1, 2],
      ],
      [
        [6, 7],
        [2, 5],
      ],
      [[1, 1]],
    ],
    [[[1, 2]], [], [[1, 2]]],
  ] as [[number, number][], [number, number][], [number, number][]][])(
    'of %j by %j is %j',
    (ranges, covering, left) => {
      expect(uncovered(ranges, covering)).toEqual(left);
    },
  );
});
