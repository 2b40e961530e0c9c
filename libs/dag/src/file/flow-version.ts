import { isNote } from './check-structure.js';
import { rawHandle } from './edge-handles.js';
import type { FlowDocument } from './flow-document.js';
import { canonicalJson, isPlainObject, type Json, type JsonObject } from '../json.js';
import { entryOf, listAt, objectAt, textAt } from '../safe-record.js';

/**
 * The part of a flow that its version depends on: its nodes and edges without positions, sizes, selection, viewport,
 * notes and what Langflow changes by itself. Moving a node does not change it, and neither does another spelling of
 * code or handles.
 */
export function flowVersionContent(document: FlowDocument): JsonObject {
  const { nodes, edges, foreign } = document.data;
  return { ...graphContent(nodes, edges), ...(foreign !== undefined && { foreign }) };
}

/**
 * Name of a flow version.
 *
 * @param sha256  hex digest of the UTF-8 bytes of a text
 */
export function versionHash(document: FlowDocument, sha256: (text: string) => string): string {
  return sha256(canonicalJson(flowVersionContent(document)));
}

// Members that the editor and the server write on a node by themselves.
const volatileNodeKeys = new Set(
  'position positionAbsolute width height measured style zIndex resizing selected dragging className'.split(
    ' ',
  ),
);
const volatileDataKeys = new Set(['showNode']);
const volatileContentKeys = new Set(['last_updated', 'minimized']);

function graphContent(nodes: readonly unknown[], edges: readonly unknown[]): JsonObject {
  return {
    nodes: nodes
      .filter(isPlainObject)
      .filter((node) => !isNote(node))
      .map(nodeContent),
    edges: edges.filter(isPlainObject).map(edgeContent),
  };
}

function nodeContent(node: Record<string, unknown>): JsonObject {
  const kept = without(node, volatileNodeKeys);
  const data = objectAt(node, 'data');
  if (Object.keys(data).length === 0) return kept;
  const content = objectAt(data, 'node');
  const flow = objectAt(content, 'flow');
  const inner = objectAt(flow, 'data');
  return {
    ...kept,
    data: {
      ...without(data, volatileDataKeys),
      node: {
        ...without(content, volatileContentKeys),
        ...('template' in content && { template: templateContent(objectAt(content, 'template')) }),
        ...('nodes' in inner && {
          flow: {
            ...(flow as JsonObject),
            data: graphContent(listAt(inner, 'nodes'), listAt(inner, 'edges')),
          },
        }),
      },
    },
  };
}

/** Downloaded files have code as a list of lines, the editor as one text. */
function templateContent(template: Record<string, unknown>): JsonObject {
  const entries = Object.entries(template).map(([name, field]) => {
    const value = isPlainObject(field) ? entryOf(field, 'value') : undefined;
    const isCode = isPlainObject(field) && (name === 'code' || textAt(field, 'type') === 'code');
    return [name, isCode && Array.isArray(value) ? { ...field, value: value.join('\n') } : field];
  });
  return Object.fromEntries(entries) as JsonObject;
}

function edgeContent(edge: Record<string, unknown>): JsonObject {
  return {
    source: (entryOf(edge, 'source') ?? null) as Json,
    target: (entryOf(edge, 'target') ?? null) as Json,
    sourceHandle: (rawHandle(edge, 'sourceHandle') ?? null) as Json,
    targetHandle: (rawHandle(edge, 'targetHandle') ?? null) as Json,
  };
}

function without(object: Record<string, unknown>, keys: ReadonlySet<string>): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.has(key))) as JsonObject;
}
