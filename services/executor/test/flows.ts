import { catalogue } from '@causeway/components/specs';
import type { ComponentSpec } from '@causeway/dag';
import { aFlow } from '@causeway/testing';
import type { FlowFile } from '@causeway/testing';

/** Chat input, prompt, model, chat output. */
export function chat(): FlowFile {
  return aFlow().chatInput().prompt('Answer {question}').model().chatOutput().build();
}

/** A prompt that takes a name from a variable. */
export function named(variable: string): FlowFile {
  const flow = aFlow().chatInput().prompt('{question} {name}', { name: variable }).chatOutput().build();
  const prompt = flow.data.nodes.find((node) => node.data.type === 'Prompt');
  Object.assign(prompt?.data.node.template['name'] as object, { load_from_db: true });
  return flow;
}

/** A component as the catalogue has it. */
export function spec(type: string): ComponentSpec {
  const found = catalogue.find(type);
  if (!found) throw new Error(`the catalogue has no ${type}`);
  return found;
}
