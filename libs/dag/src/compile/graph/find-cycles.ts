/**
 * Strongly connected components of a graph that contain a cycle, each with its nodes in ascending order.
 *
 * @param successors  targets per node; nodes are 0…n-1
 * Source: Tarjan 1972, "Depth-first search and linear graph algorithms"; written without recursion, since flows may be
 * chains of 10,000 nodes.
 */
export function findCycles(successors: readonly (readonly number[])[]): number[][] {
  const count = successors.length;
  const index = new Int32Array(count).fill(-1);
  const low = new Int32Array(count);
  const onStack = new Uint8Array(count);
  const position = new Int32Array(count);
  const stack: number[] = [];
  const cycles: number[][] = [];
  let visited = 0;
  for (let root = 0; root < count; root++) {
    if (index[root] !== -1) continue;
    const trail = [root];
    while (trail.length > 0) {
      const node = trail[trail.length - 1] as number;
      if (index[node] === -1) {
        index[node] = low[node] = visited++;
        stack.push(node);
        onStack[node] = 1;
      }
      const targets = successors[node] as readonly number[];
      const next = targets[position[node] as number];
      if (next !== undefined) {
        position[node] = (position[node] as number) + 1;
        if (index[next] === -1) trail.push(next);
        else if (onStack[next] === 1) low[node] = Math.min(low[node] as number, index[next] as number);
        continue;
      }
      trail.pop();
      const parent = trail[trail.length - 1];
      if (parent !== undefined) low[parent] = Math.min(low[parent] as number, low[node] as number);
      if (low[node] !== index[node]) continue;
      const part: number[] = [];
      let member: number;
      do {
        member = stack.pop() as number;
        onStack[member] = 0;
        part.push(member);
      } while (member !== node);
      if (part.length > 1 || targets.includes(node)) cycles.push(part.sort((one, other) => one - other));
    }
  }
  return cycles;
}

/**
 * The back edges of a depth-first search from `entry` within `members`: without them these nodes contain no cycle.
 *
 * @returns  `from * successors.length + to` per edge
 */
export function backEdges(
  successors: readonly (readonly number[])[],
  members: readonly number[],
  entry: number,
): Set<number> {
  const inside = new Set(members);
  const back = new Set<number>();
  const state = new Map<number, 'open' | 'closed'>();
  for (const root of [entry, ...members]) {
    if (state.has(root)) continue;
    const trail: { node: number; next: number }[] = [{ node: root, next: 0 }];
    state.set(root, 'open');
    while (trail.length > 0) {
      const step = trail[trail.length - 1] as { node: number; next: number };
      const target = (successors[step.node] as readonly number[])[step.next++];
      if (target === undefined) {
        state.set(step.node, 'closed');
        trail.pop();
      } else if (inside.has(target)) {
        const seen = state.get(target);
        if (seen === 'open') back.add(step.node * successors.length + target);
        else if (seen === undefined) {
          state.set(target, 'open');
          trail.push({ node: target, next: 0 });
        }
      }
    }
  }
  return back;
}

/**
 * Topological order: predecessors first; of the nodes that may come next, the one with the lowest number. Expects no
 * cycle.
 */
export function topologicalOrder(successors: readonly (readonly number[])[]): number[] {
  const waiting = new Int32Array(successors.length);
  for (const targets of successors)
    for (const target of targets) waiting[target] = (waiting[target] as number) + 1;
  const ready = new Heap();
  for (let node = 0; node < waiting.length; node++) if (waiting[node] === 0) ready.push(node);
  const order: number[] = [];
  for (let node = ready.pop(); node !== undefined; node = ready.pop()) {
    order.push(node);
    for (const target of successors[node] as readonly number[]) {
      waiting[target] = (waiting[target] as number) - 1;
      if (waiting[target] === 0) ready.push(target);
    }
  }
  return order;
}

/** All nodes that can be reached from `starts`, including `starts`. */
export function reachable(
  successors: readonly (readonly number[])[],
  starts: Iterable<number>,
  except?: number,
): Set<number> {
  const found = new Set<number>();
  const open = [...starts];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (node === except || found.has(node)) continue;
    found.add(node);
    for (const target of successors[node] as readonly number[]) if (!found.has(target)) open.push(target);
  }
  return found;
}

/** A binary heap of numbers, lowest first. */
class Heap {
  readonly #items: number[] = [];

  push(item: number): void {
    const items = this.#items;
    let at = items.push(item) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if ((items[above] as number) <= item) break;
      items[at] = items[above] as number;
      at = above;
    }
    items[at] = item;
  }

  pop(): number | undefined {
    const items = this.#items;
    const first = items[0];
    const last = items.pop();
    if (first === undefined || last === undefined || items.length === 0) return first;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= items.length) break;
      if (below + 1 < items.length && (items[below + 1] as number) < (items[below] as number)) below++;
      if ((items[below] as number) >= last) break;
      items[at] = items[below] as number;
      at = below;
    }
    items[at] = last;
    return first;
  }
}
