import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type FlowDocument, parseFlowFile } from '@causeway/dag';

/** A flow that Langflow itself ships. */
export interface ShippedFlow {
  readonly file: string;
  readonly document: FlowDocument;
}

/** The folder of the shipped flows, outside of this repository. */
export const shippedFolder =
  process.env['CAUSEWAY_DEV_FLOWS'] ||
  fileURLToPath(new URL('../../../../shared/langflow-flows/dev', import.meta.url));

/** Title of the test that is skipped when they do not exist. */
export const shippedMissing = `are not at ${shippedFolder}: set CAUSEWAY_DEV_FLOWS to the folder that has their INDEX.json`;

/** The index of the set that this repository is developed with. */
const devIndex = '4dc988668dd000fea4d8aa852617ac4c6d0dbb85c29fe2524d059c65870ee570';

/** False for another set of flows, whose numbers are not known here. */
export function isDevSet(): boolean {
  const index = readFileSync(`${shippedFolder}/INDEX.json`);
  return createHash('sha256').update(index).digest('hex') === devIndex;
}

/** All shipped flows; undefined when they do not exist. */
export function shippedFlows(): readonly ShippedFlow[] | undefined {
  if (!existsSync(`${shippedFolder}/INDEX.json`)) return undefined;
  const index = JSON.parse(readFileSync(`${shippedFolder}/INDEX.json`, 'utf8')) as { file: string }[];
  return index.flatMap(({ file }) =>
    parseFlowFile(readFileSync(`${shippedFolder}/${file}`, 'utf8')).flows.map((document) => ({
      file,
      document,
    })),
  );
}
