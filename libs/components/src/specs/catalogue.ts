import type { Catalogue, ComponentSpec } from '@causeway/dag';
import { chatInputSpec } from './chat-input.js';
import { chatOutputSpec } from './chat-output.js';
import { promptSpec } from './prompt.js';

/** Every component that can run. A new one is one line here and one in `runtime/registry.ts`. */
export const specs: readonly ComponentSpec[] = [chatInputSpec, chatOutputSpec, promptSpec];

const byName = new Map(specs.flatMap((spec) => [spec.type, ...spec.aliases].map((name) => [name, spec])));

/** Looks a type up by its name or by any name that exports of Langflow 1.0 to 1.13 use for it. */
export const catalogue: Catalogue = { find: (type) => byName.get(type) };
