import type { Effects, Json, JsonObject } from '@causeway/dag';
import type { Handle, StepAttempt } from '../component.js';
import type { ToolOffer } from '../models/conversation.js';

/** Something an agent can call. */
export interface Tool extends ToolOffer {
  readonly effects: Effects;
  /**
   * Makes the call, inside the step that the agent opened for it.
   *
   * @returns the result for the model: text as it is, anything else as JSON
   * @throws the error of the call, which the agent reports to the model
   */
  readonly call: (args: JsonObject, attempt: StepAttempt) => Promise<Json>;
}

/** Tools as an output: a handle of type Tool always holds a list. */
export function toolsHandle(tools: readonly Tool[]): Handle {
  return { kind: 'handle', type: 'Tool', object: tools };
}

/**
 * The tools of an agent's input, each under a different name: models distinguish tools only by name, and some providers
 * refuse two of one name.
 */
export function toolsIn(input: unknown): readonly Tool[] {
  const handles = Array.isArray(input) ? (input as unknown[]) : [input];
  const tools = handles.flatMap((handle) => {
    const { type, object } = (handle ?? {}) as { type?: unknown; object?: unknown };
    return type === 'Tool' && Array.isArray(object) ? (object as Tool[]) : [];
  });
  const taken = new Set<string>();
  return tools.map((tool) => {
    let name = tool.name;
    for (let copy = 2; taken.has(name); copy += 1) name = `${tool.name.slice(0, 60)}_${copy}`;
    taken.add(name);
    return name === tool.name ? tool : { ...tool, name };
  });
}
