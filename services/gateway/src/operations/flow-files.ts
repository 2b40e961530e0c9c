import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FlowRead } from '@causeway/contracts';
import { exportedFlow } from '../domain/flow-export.js';
import type { ZipSource } from './zipping.js';

/** Flows as the files of a ZIP, as Langflow names and writes them. */
export async function* flowFiles(flows: AsyncIterable<FlowRead>): AsyncGenerator<ZipSource> {
  for await (const flow of flows) {
    const text = await exportText(flow, 2);
    yield { name: `${flow.name}.json`, content: async () => [Buffer.from(text)] };
  }
}

/** The JSON of a flow's export. A large one is parsed, cleaned and written in turns of their own, so that others are served between. */
export async function exportText(flow: FlowRead, indent?: number): Promise<string> {
  await nextTurn();
  const exported = exportedFlow(flow);
  await nextTurn();
  return JSON.stringify(exported, null, indent);
}
