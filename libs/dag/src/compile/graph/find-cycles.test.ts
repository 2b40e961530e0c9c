import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { backEdges, findCycles, reachable, topologicalOrder } from './find-cycles.js';

const graph = fc
  .integer({ min: 1, max: 12 })
  .chain((count) =>
    fc.array(fc.array(fc.nat(count - 1), { maxLength: 4 }), { minLength: count, maxLength: count }),
  );

test('nodes are in one cycle exactly when each can be reached from the other', () => {
  fc.assert(
    fc.property(graph, (successors) => {
      const after = successors.map((targets) => reachable(successors, targets));
      const cycles = findCycles(successors);
      const cycleOf = new Map(cycles.flatMap((part, index) => part.map((node) => [node, index] as const)));
      for (let one = 0; one < successors.length; one++) {
        expect(cycleOf.has(one)).toBe(after[one]?.has(one));
        for (let other = 0; other < successors.length; other++) {
          const together = cycleOf.has(one) && cycleOf.get(one) === cycleOf.get(other);
          expect(together).toBe(after[one]?.has(other) === true && after[other]?.has(one) === true);
        }
      }
    }),
  );
});

test('without its back edges a graph has no cycle, and each back edge was on one', () => {
  fc.assert(
    fc.property(graph, fc.nat(), (successors, pick) => {
      const cut = new Set<number>();
      for (const part of findCycles(successors)) {
        for (const edge of backEdges(successors, part, part[pick % part.length] as number)) cut.add(edge);
      }
      const rest = successors.map((targets, node) =>
        targets.filter((to) => !cut.has(node * successors.length + to)),
      );
      expect(findCycles(rest)).toEqual([]);
      for (const edge of cut) {
        const [from, to] = [Math.floor(edge / successors.length), edge % successors.length];
        expect(reachable(successors, [to]).has(from)).toBe(true);
      }
      const order = topologicalOrder(rest);
      expect([...order].sort((one, other) => one - other)).toEqual(successors.map((_targets, node) => node));
      const place = new Map(order.map((node, index) => [node, index]));
      rest.forEach((targets, node) =>
        targets.forEach((to) => expect(place.get(node)).toBeLessThan(place.get(to) as number)),
      );
    }),
  );
});

describe('order', () => {
  test('of the nodes that may come next, the one with the lowest number is first', () => {
    expect(topologicalOrder([[], [], [0], []])).toEqual([1, 2, 0, 3]);
  });

  test('a chain and a ring of 10,000 nodes do not overflow the stack', () => {
    const chain = Array.from({ length: 10_000 }, (_unused, node) => (node < 9_999 ? [node + 1] : []));
    expect(topologicalOrder(chain)).toHaveLength(10_000);
    expect(findCycles(chain)).toEqual([]);
    chain[9_999] = [0];
    expect(findCycles(chain)[0]).toHaveLength(10_000);
    expect(backEdges(chain, findCycles(chain)[0] as number[], 5)).toEqual(new Set([4 * 10_000 + 5]));
  });
});
