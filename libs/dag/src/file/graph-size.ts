import type { FlowData } from './flow-document.js';
import { isPlainObject } from '../json.js';
import { listAt, objectAt } from '../safe-record.js';

/** How many nodes and edges a graph has, those inside groups included; stops counting once one of them is past `limit`. */
export function graphSize(data: FlowData, limit: number): { nodes: number; edges: number } {
  const size = { nodes: 0, edges: 0 };
  const graphs: { nodes: readonly unknown[]; edges: readonly unknown[] }[] = [data];
  for (let graph = graphs.pop(); graph !== undefined; graph = graphs.pop()) {
    size.nodes += graph.nodes.length;
    size.edges += graph.edges.length;
    if (size.nodes > limit || size.edges > limit) break;
    for (const node of graph.nodes) {
      if (!isPlainObject(node)) continue;
      const inner = objectAt(objectAt(objectAt(objectAt(node, 'data'), 'node'), 'flow'), 'data');
      if ('nodes' in inner) graphs.push({ nodes: listAt(inner, 'nodes'), edges: listAt(inner, 'edges') });
    }
  }
  return size;
}
