import { randomBytes } from 'node:crypto';
import { listFlows } from '@causeway/contracts';
import { aFlow } from '@causeway/testing';
import { zipSync } from 'fflate';
import { expect, it } from 'vitest';
import { startRegistry, tenant } from './registry.js';

const COUNT = 100;
const registry = await startRegistry();

/** A flow whose graph has about 40 KB: it is sent inside the message. */
function aLargeFlow(n: number) {
  const flow = aFlow(`Large ${n}`).chatInput().chatOutput().build();
  return { ...flow, data: { ...flow.data, viewport: randomBytes(20_000).toString('hex') } };
}

it('more flows than NATS can carry in one message are imported, and listed with their graphs', async () => {
  const files = Array.from({ length: COUNT }, (_, n) => aLargeFlow(n));
  const bytes = zipSync(
    Object.fromEntries(files.map((file, n) => [`${n}.json`, Buffer.from(JSON.stringify(file))])),
  );
  const imported = await registry.import(bytes);
  expect(new Set(imported.flows.map(({ id }) => id))).toEqual(new Set(files.map(({ id }) => id)));

  const list = { ...tenant, withData: true, size: COUNT };
  const { items, total } = await registry.bus.request(listFlows, list);
  expect([items.length, total]).toEqual([COUNT, COUNT]);
  // Graphs beyond 4 MB are requested again.
  for (
    let left = items.filter(({ data }) => !data);
    left.length > 0;
    left = items.filter(({ data }) => !data)
  ) {
    const rest = await registry.bus.request(listFlows, { ...list, flowIds: left.map(({ id }) => id) });
    const found = rest.items.filter(({ data }) => data);
    expect(found.length).toBeGreaterThan(0);
    for (const flow of found) items[items.findIndex(({ id }) => id === flow.id)] = flow;
  }
  for (const file of files) {
    const flow = items.find(({ id }) => id === file.id);
    expect(flow?.data).toHaveProperty('inline');
    expect(flow && (await registry.dataOf(flow))).toHaveProperty('viewport', file.data.viewport);
  }
});
