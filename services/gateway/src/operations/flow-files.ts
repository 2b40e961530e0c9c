import type { FlowRead } from '@causeway/contracts';
import { exportedFlow } from '../domain/flow-export.js';
import type { ZipSource } from './zipping.js';

/** Flows as the files of a ZIP, as Langflow names and writes them. */
export async function* flowFiles(flows: AsyncIterable<FlowRead>): AsyncGenerator<ZipSource> {
  for await (const flow of flows) {
    const text = JSON.stringify(exportedFlow(flow), null, 2);
    yield { name: `${flow.name}.json`, content: async () => [Buffer.from(text)] };
  }
}
