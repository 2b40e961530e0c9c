import { randomBytes, randomUUID } from 'node:crypto';
import { createFlow, getFlow, listFlows, updateFlow } from '@causeway/contracts';
import { aFlow } from '@causeway/testing';
import { type Zippable, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { aStranger, anActor, startRegistry } from './registry.js';

const LIMIT = 1_000_000;
const registry = await startRegistry({
  CAUSEWAY_MAX_FLOW_BYTES: String(LIMIT),
  CAUSEWAY_MAX_FLOW_NODES: '20',
  CAUSEWAY_MAX_FLOW_VALUES: '5000',
  CAUSEWAY_MAX_GRAPHS_BYTES: String(4 * LIMIT),
});

/** A flow file of so many bytes. Each id occurs twenty times, so it is compressed to about a twentieth, as real flows are. */
function sized(bytes: number): string {
  const file = { ...aFlow().chatInput().chatOutput().build(), padding: '' };
  const room = bytes - Buffer.byteLength(JSON.stringify(file));
  const padding = Array.from({ length: Math.ceil(room / 720) }, () => randomUUID().repeat(20)).join('');
  return JSON.stringify({ ...file, padding: padding.slice(0, room) });
}

const zip = (files: Record<string, string>): Uint8Array =>
  zipSync(
    Object.fromEntries(Object.entries(files).map(([name, text]) => [name, Buffer.from(text)])) as Zippable,
  );
const tooLarge = (details: object) => ({
  code: 'PAYLOAD_TOO_LARGE',
  details: expect.objectContaining(details),
});
const limit = { limitName: 'CAUSEWAY_MAX_FLOW_BYTES', limitBytes: LIMIT };

describe('the limit of a flow file', () => {
  it('accepts a file of exactly that size, and no larger one', async () => {
    expect((await registry.import(sized(LIMIT))).flows).toHaveLength(1);
    await expect(registry.import(sized(LIMIT + 1))).rejects.toMatchObject(
      tooLarge({ ...limit, bytes: LIMIT + 1 }),
    );
  });

  it('is a limit of graphs too', async () => {
    const { data } = aFlow().chatInput().chatOutput().build();
    const graph = { inline: JSON.stringify({ ...data, viewport: 'x'.repeat(LIMIT) }) };
    const settings = { name: 'x' };
    await expect(
      registry.bus.request(createFlow, { ...anActor(), settings, data: graph }),
    ).rejects.toMatchObject(tooLarge(limit));
    const { flows } = await registry.import(sized(50_000));
    const flowId = flows[0]?.id as string;
    await expect(
      registry.bus.request(updateFlow, { ...anActor(), flowId, settings, data: graph }),
    ).rejects.toMatchObject(tooLarge(limit));
  });

  it('is a limit of each file in a ZIP, checked before it is unpacked', async () => {
    const bytes = zip({ 'fits.json': sized(LIMIT), 'big.json': sized(LIMIT + 1) });
    await expect(registry.import(bytes)).rejects.toMatchObject(
      tooLarge({ ...limit, bytes: LIMIT + 1, what: 'big.json' }),
    );
  });

  it('times five is the limit of all files in a ZIP', async () => {
    const names = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, n) => [`${n}.json`, sized(LIMIT)]));
    expect((await registry.import(zip(names(5)))).flows).toHaveLength(5);
    await expect(registry.import(zip({ ...names(5), 'last.json': '{}' }))).rejects.toMatchObject(
      tooLarge({ limitName: '5 times CAUSEWAY_MAX_FLOW_BYTES', limitBytes: 5 * LIMIT, bytes: 5 * LIMIT + 2 }),
    );
  });
});

describe('the limits of what a flow holds', () => {
  const { data } = aFlow().chatInput().chatOutput().build();
  const invalid = (problem: string) => ({ code: 'FLOW_INVALID', message: expect.stringContaining(problem) });
  const nodes = (count: number) => ({
    ...data,
    nodes: Array.from({ length: count }, (_, n) => ({ ...data.nodes[0], id: `ChatInput-${n}` })),
    edges: [],
  });
  const values = (count: number) => ({ ...data, viewport: Array.from({ length: count }, () => 1) });

  it.each([
    ['nodes', nodes(21), 'more than 20 nodes, the limit CAUSEWAY_MAX_FLOW_NODES'],
    ['edges', { ...data, edges: Array.from({ length: 101 }, () => data.edges[0]) }, 'more than 100 edges'],
    ['values', values(5_000), 'more than 5000 values, the limit CAUSEWAY_MAX_FLOW_VALUES'],
  ])('are named where a file or a graph has too many %s', async (_what, graph, problem) => {
    await expect(registry.import(JSON.stringify({ name: 'x', data: graph }))).rejects.toMatchObject(
      invalid(problem),
    );
    const inline = JSON.stringify(graph);
    await expect(
      registry.bus.request(createFlow, { ...anActor(), settings: { name: 'x' }, data: { inline } }),
    ).rejects.toMatchObject(invalid(problem));
  });

  it('let a flow in that has as many', async () => {
    const file = JSON.stringify({ name: 'x', data: nodes(20) });
    expect((await registry.import(file)).flows).toHaveLength(1);
  });
});

describe('the room for large graphs', () => {
  /** A flow whose graph is large, also once it is compressed. */
  const aLargeFlow = async (actor: ReturnType<typeof anActor>): Promise<string> => {
    const { data } = aFlow().chatInput().build();
    const graph = JSON.stringify({ ...data, viewport: randomBytes(LIMIT * 0.45).toString('hex') });
    const settings = { name: 'large' };
    return (await registry.bus.request(createFlow, { ...actor, settings, data: { inline: graph } })).id;
  };

  it('is shared by teams: one that reads too much at once is refused, a list and another team are not', async () => {
    const [busy, other] = [aStranger(), aStranger()];
    const flowIds = [await aLargeFlow(busy), await aLargeFlow(busy), await aLargeFlow(busy)];
    const flowId = flowIds[0] as string;
    const othersFlowId = await aLargeFlow(other);
    const reads = Array.from({ length: 20 }, () =>
      registry.bus.request(getFlow, { ...busy.principal, flowId }),
    );
    const others = registry.bus.request(getFlow, { ...other.principal, flowId: othersFlowId });
    const ended = await Promise.allSettled(reads);
    expect(ended.filter(({ status }) => status === 'fulfilled')).not.toHaveLength(0);
    const refused = ended.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
    expect(refused).not.toHaveLength(0);
    for (const refusal of refused) {
      expect(refusal).toMatchObject({
        code: 'TEAM_GRAPHS_FULL',
        details: { limitName: 'CAUSEWAY_MAX_GRAPHS_BYTES', limitBytes: LIMIT },
      });
    }
    expect(await others).toMatchObject({ id: othersFlowId });
    const list = await registry.bus.request(listFlows, { ...busy.principal, withData: true, size: 10 });
    expect(list.items.filter(({ data }) => data)).toHaveLength(3);
  });
});
