import { SECRET_MASK, isPlainObject } from '@causeway/dag';
import type { Json, JsonObject } from '@causeway/dag';

const volatileNodeKeys = new Set(['positionAbsolute', 'dragging', 'selected']);

/** A graph as in Langflow's download: without the editor's view of its nodes, and with empty fields in the place of masked secrets. */
export function exportedGraph(data: Json): Json {
  if (!isPlainObject(data) || !Array.isArray(data['nodes'])) return data;
  return { ...(data as JsonObject), nodes: data['nodes'].map((node: Json) => cleanNode(node)) };
}

function cleanNode(node: Json): Json {
  if (!isPlainObject(node)) return node;
  const kept = Object.fromEntries(
    Object.entries(node as JsonObject).filter(([key]) => !volatileNodeKeys.has(key)),
  );
  const inner = (kept['data'] as { node?: { template?: Json; flow?: { data?: Json } } } | undefined)?.node;
  if (!isPlainObject(inner)) return kept;
  const template = isPlainObject(inner['template'])
    ? cleanTemplate(inner['template'] as JsonObject)
    : inner['template'];
  const group = inner['flow'] as JsonObject | undefined;
  const flow = group ? { flow: { ...group, data: exportedGraph(group['data'] ?? null) } } : {};
  return {
    ...kept,
    data: { ...(kept['data'] as JsonObject), node: { ...(inner as JsonObject), template, ...flow } as Json },
  };
}

function cleanTemplate(template: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(template).map(([name, field]) => {
      const isSecret = isPlainObject(field) && isMasked(field['value'] as Json);
      return [name, isSecret ? { ...(field as JsonObject), value: null } : field];
    }),
  );
}

/** True for a value that is only a secret. A mask within a longer text stays, and a later import reports it. */
function isMasked(value: Json): boolean {
  return value === SECRET_MASK || (Array.isArray(value) && value.length > 0 && value.every(isMasked));
}
