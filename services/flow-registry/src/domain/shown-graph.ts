import { catalogue } from '@causeway/components/specs';
import { maskSecrets } from '@causeway/dag';
import type { FlowData, Json } from '@causeway/dag';
import { exportedGraph } from './exported-graph.js';

/** Longer graphs are exported without line breaks and indentation, which would make them several times as long. */
const MOST_INDENTED = 1024 * 1024;

/** How a graph is shown. */
export interface Shown {
  /** The team's variables by name: a variable's name in a secret field is not a secret. */
  readonly variables: ReadonlyMap<string, unknown>;
  /** In the form of an export, indented for a file. */
  readonly asExport: boolean;
}

/** The text of a graph for every caller who may read flows: secrets are masked or, in an export, left out. */
export function shownGraph(text: string, { variables, asExport }: Shown): string {
  const shown = maskSecrets(JSON.parse(text) as FlowData, catalogue, (name) => variables.has(name));
  if (!asExport) return JSON.stringify(shown);
  const exported = exportedGraph(shown as unknown as Json);
  if (text.length > MOST_INDENTED) return JSON.stringify(exported);
  return JSON.stringify(exported, null, 2).replaceAll('\n', '\n  ');
}
