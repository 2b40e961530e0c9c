import { withField, withNodes } from './apply-tweaks.js';
import type { Json } from '../json.js';
import type { Plan, PlanNode } from '../plan.js';
import type { RunScope } from '../run.js';
import { entryOf } from '../safe-record.js';

/** What a request gives to the input nodes. */
export interface RunInput {
  /** Absent: input nodes keep the flow's own value. */
  readonly inputValue?: string;
  /** @default 'chat' */
  readonly inputType?: 'chat' | 'text' | 'any';
  /** Set on every node with such a field; the caller passes the flow's id when the request names no session. */
  readonly sessionId: string;
}

/**
 * Puts the request's input into the input nodes of its type (`chat`: ChatInput, `text`: TextInput, `any`: all that take an
 * input value), and the session into every node that has the field.
 */
export function applyRunInput(plan: Plan, scope: RunScope, input: RunInput): Plan {
  const changed = new Map<string, PlanNode>();
  const set = (id: string, name: string, value: Json): void => {
    const node = changed.get(id) ?? entryOf(plan.nodes, id);
    const field = node && entryOf(node.fields, name);
    if (node === undefined || field === undefined) return;
    const { loadFromDb: _named, ...rest } = field;
    changed.set(id, withField(node, name, { ...rest, value }));
  };
  const inScope = new Set(scope.nodes);
  const type = input.inputType ?? 'chat';
  const taking = { chat: 'ChatInput', text: 'TextInput', any: undefined }[type];
  for (const id of plan.inputs) {
    if (input.inputValue === undefined || !inScope.has(id)) continue;
    if (taking === undefined || entryOf(plan.nodes, id)?.type === taking)
      set(id, 'input_value', input.inputValue);
  }
  for (const id of scope.nodes) set(id, 'session_id', input.sessionId);
  return changed.size === 0 ? plan : withNodes(plan, changed);
}
