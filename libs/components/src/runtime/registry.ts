import { catalogue } from '../specs/catalogue.js';
import type { ComponentRuntime } from './component.js';

/**
 * One line per component. Each is imported when its first node runs, so that an executor which never runs a model
 * never loads LangChain.
 */
const loaders: ReadonlyMap<string, () => Promise<ComponentRuntime>> = new Map([
  ['ChatInput', async () => (await import('./chat/chat-input.js')).chatInput],
  ['ChatOutput', async () => (await import('./chat/chat-output.js')).chatOutput],
  ['Prompt', async () => (await import('./text/prompt.js')).prompt],
]);

/** The types that can run, as the catalogue names them. */
export const runtimeTypes: readonly string[] = [...loaders.keys()];

/** The runtime behind a type or an alias; undefined when nothing runs it. */
export async function findRuntime(type: string): Promise<ComponentRuntime | undefined> {
  return loaders.get(catalogue.find(type)?.type ?? type)?.();
}
