import type { FlowRead } from '@causeway/contracts';
import { SECRET_MASK, isPlainObject } from '@causeway/dag';
import type { Json, JsonObject } from '@causeway/dag';

/** Keys that say where a flow lives and how it fares there, not what it is: left out of an export. */
const volatile = new Set([
  'updated_at',
  'user_id',
  'folder_id',
  'access_type',
  'gradient',
  'workspace_id',
  'problems',
]);
const volatileNodeKeys = new Set(['positionAbsolute', 'dragging', 'selected']);

/** A flow as Langflow's download gives it: without volatile keys, and with empty fields in the place of literal secrets. */
export function exportedFlow(flow: FlowRead): JsonObject {
  const kept = Object.entries(flow).filter(([key]) => !volatile.has(key));
  return { ...(Object.fromEntries(kept) as JsonObject), data: withoutSecrets(flow.data) };
}

function withoutSecrets(data: Json): Json {
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
  const flow = group ? { flow: { ...group, data: withoutSecrets(group['data'] ?? null) } } : {};
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

/** A value that is nothing but a secret; a mask within a longer text stays, and whoever imports it is told. */
function isMasked(value: Json): boolean {
  return value === SECRET_MASK || (Array.isArray(value) && value.length > 0 && value.every(isMasked));
}
