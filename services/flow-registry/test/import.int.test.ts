import { readFileSync } from 'node:fs';
import { crc32, deflateRawSync } from 'node:zlib';
import {
  DEFAULT_PROJECT_ID,
  deleteFlows,
  getFlow,
  importFlows,
  listProjects,
  resolveFlow,
  updateFlow,
} from '@causeway/contracts';
import { aFlow, devFlows } from '@causeway/testing';
import { type Zippable, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { aStranger, anActor, startRegistry, tenant } from './registry.js';

const registry = await startRegistry();
const { bus, admin, told } = registry;
const MEGABYTE = 1_000_000;

const chat = (name = 'Chat') => aFlow(name).chatInput().chatOutput();
const textOf = (flow: unknown): string => JSON.stringify(flow);
const zip = (files: Record<string, string>): Uint8Array =>
  zipSync(
    Object.fromEntries(Object.entries(files).map(([name, text]) => [name, Buffer.from(text)])) as Zippable,
  );
const sameBytes = (one: Uint8Array, other: Uint8Array): boolean => Buffer.compare(one, other) === 0;

describe('importing a file', () => {
  it('creates the flow with its id and settings, and returns its bytes unchanged', async () => {
    const file = {
      ...chat('Mine').endpoint('mine').build(),
      description: 'ü',
      tags: ['t'],
      webhook: false,
      mcp_enabled: true,
      action_name: 'act',
    };
    const bytes = Buffer.from(`\uFEFF${JSON.stringify(file, null, 3)}\r\n`);
    const { flows, projectId } = await registry.import(bytes, { fileName: 'my flow.json' });
    expect(flows).toMatchObject([
      {
        id: file.id,
        name: 'Mine',
        endpointName: 'mine',
        description: 'ü',
        tags: ['t'],
        mcpEnabled: true,
        actionName: 'act',
        projectId: DEFAULT_PROJECT_ID,
        problems: [],
      },
    ]);
    expect(projectId).toBe(DEFAULT_PROJECT_ID);
    const source = await registry.source(file.id);
    expect([source.fileName, sameBytes(source.bytes, bytes)]).toEqual(['my flow.json', true]);
    expect(await told(file.id)).toMatchObject([
      { action: 'flow.create', detail: { imported: true } },
      { action: 'flow.export' },
    ]);
  });

  it('accepts bytes inside the message in base64', async () => {
    const file = chat().build();
    const inline = Buffer.from(textOf(file)).toString('base64');
    const { flows } = await bus.request(importFlows, { ...anActor(), file: { inline } });
    expect(flows.map(({ id }) => id)).toEqual([file.id]);
  });

  it('twice changes nothing', async () => {
    const bytes = textOf(chat('Again').endpoint('again').build());
    const [first] = (await registry.import(bytes)).flows;
    const [second] = (await registry.import(bytes)).flows;
    expect(second).toEqual({ ...first, data: second?.data });
    expect(await told(first?.id as string)).toHaveLength(1);
  });

  it('with a known id makes a new version, never a second flow', async () => {
    const builder = chat('Grows').endpoint('grows');
    const [first] = (await registry.import(textOf(builder.build()))).flows;
    const bytes = textOf(builder.prompt('Hi {x}').build());
    const [second] = (await registry.import(bytes)).flows;
    expect(second).toMatchObject({ id: first?.id, name: 'Grows', endpointName: 'grows' });
    expect(second?.versionHash).not.toBe(first?.versionHash);
    expect((await told(second?.id as string)).map(({ action }) => action)).toEqual([
      'flow.create',
      'flow.update',
    ]);
    expect((await registry.source(second?.id as string)).bytes.toString()).toBe(bytes);
  });

  it('with an id that another team has gets one of its own', async () => {
    const bytes = textOf(chat().build());
    const stranger = aStranger();
    const [theirs] = (await registry.import(bytes, stranger)).flows;
    const [ours] = (await registry.import(bytes)).flows;
    expect(ours?.id).not.toBe(theirs?.id);
    expect((await registry.source(theirs?.id as string, stranger)).bytes.toString()).toBe(bytes);
  });

  it('with a text that is not an id gets an id', async () => {
    const [flow] = (await registry.import(textOf({ ...chat().build(), id: 'not-an-id' }))).flows;
    expect(flow?.id).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('adds numbers to names that are taken, and keeps them when it is imported again', async () => {
    const files = [1, 2].map(() => textOf(chat('Same').endpoint('same').build()));
    const names = async () => {
      const flows = [];
      for (const file of files) flows.push(...(await registry.import(file)).flows);
      return flows.map(({ name, endpointName }) => [name, endpointName]);
    };
    const numbered = [
      ['Same', 'same'],
      ['Same (1)', 'same-1'],
    ];
    expect(await names()).toEqual(numbered);
    expect(await names()).toEqual(numbered);
  });

  it('makes unusable names usable', async () => {
    const file = { ...chat(`${'n'.repeat(600)}`).build(), endpoint_name: 'my end/point!', icon: '\u0000' };
    const [flow] = (await registry.import(textOf(file))).flows;
    expect(flow).toMatchObject({ name: 'n'.repeat(500), endpointName: 'my-end-point', icon: '\uFFFD' });
  });

  it('restores a deleted flow', async () => {
    const bytes = textOf(chat('Deleted').build());
    const [flow] = (await registry.import(bytes)).flows;
    const id = flow?.id as string;
    await bus.request(deleteFlows, { ...anActor(), flowIds: [id] });
    expect((await registry.import(bytes)).flows).toMatchObject([{ id, name: 'Deleted' }]);
    expect((await bus.request(resolveFlow, { ...tenant, flow: id })).flowId).toBe(id);
  });

  it('of a locked flow is refused, unless it changes nothing', async () => {
    const builder = chat('Locked');
    const bytes = textOf({ ...builder.build(), locked: true });
    const [flow] = (await registry.import(bytes)).flows;
    expect((await registry.import(bytes)).flows[0]?.updatedAt).toBe(flow?.updatedAt);
    await expect(registry.import(textOf(builder.prompt('x').build()))).rejects.toMatchObject({
      code: 'FLOW_LOCKED',
    });
  });

  it('stores a flow that cannot run, and says why', async () => {
    const { data } = chat().node('CustomThing', { id: 'X' }).edge('X', 'out', 'nowhere', 'in').build();
    const [flow] = (await registry.import(textOf({ name: 'Odd', data }))).flows;
    expect(flow?.problems.map(({ code }) => code)).toEqual(
      expect.arrayContaining(['COMPONENT_UNKNOWN', 'EDGE_NODE_MISSING']),
    );
    expect((await bus.request(getFlow, { ...tenant, flowId: flow?.id as string })).problems).toEqual(
      flow?.problems,
    );
  });

  it('keeps names that could reach a prototype as data', async () => {
    const bytes = textOf(chat().build())
      .replaceAll('ChatInput-1', '__proto__')
      .replace('"viewport":{', '"viewport":{"__proto__":{"polluted":1},"constructor":1,');
    const [flow] = (await registry.import(bytes)).flows;
    expect(flow?.problems.map(({ code }) => code)).toContain('NAME_FORBIDDEN');
    expect((await registry.source(flow?.id as string)).bytes.toString()).toBe(bytes);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });
});

describe('the source of a flow', () => {
  it('is the imported file until the flow is changed here, then an export of the flow', async () => {
    const bytes = textOf(chat('Edited').build());
    const [flow] = (await registry.import(bytes)).flows;
    const flowId = flow?.id as string;
    await bus.request(updateFlow, {
      ...anActor(),
      flowId,
      settings: { accessType: 'PUBLIC', name: 'Edited' },
    });
    expect((await registry.source(flowId)).bytes.toString()).toBe(bytes);
    await bus.request(updateFlow, { ...anActor(), flowId, settings: { name: 'Renamed' } });
    const { fileName, bytes: written } = await registry.source(flowId);
    expect(fileName).toBe('Renamed.json');
    const file = JSON.parse(written.toString()) as { data: unknown };
    expect(file).toMatchObject({
      id: flowId,
      name: 'Renamed',
      last_tested_version: '1.10.2',
      endpoint_name: null,
    });
    expect(file.data).toEqual((JSON.parse(bytes) as { data: unknown }).data);
    const [again] = (await registry.import(written)).flows;
    expect(again).toMatchObject({ id: flowId, name: 'Renamed', versionHash: flow?.versionHash });
  });

  it('is not returned to another team', async () => {
    const [flow] = (await registry.import(textOf(chat().build()))).flows;
    await expect(registry.source(flow?.id as string, aStranger())).rejects.toMatchObject({
      code: 'FLOW_UNKNOWN',
    });
  });

  it('is stored sealed', async () => {
    await registry.import(
      textOf(chat('canary-in-a-file').chatOutput({ sender_name: 'canary-value' }).build()),
    );
    const { rows } = await admin.query(
      'select s::text as text from source s union all select v::text from flow_version v union all select p::text from compiled_plan p',
    );
    expect(rows.length).toBeGreaterThan(10);
    expect(rows.map(({ text }) => text).join()).not.toContain('canary');
  });
});

describe('a file of several flows', () => {
  it('goes into the project that it names, which is created once', async () => {
    const flows = [chat('One').build(), chat('Two').build()];
    const bytes = textOf({ folder_name: 'Team tools', folder_description: 'd', flows });
    const first = await registry.import(bytes);
    const second = await registry.import(bytes);
    const { items } = await bus.request(listProjects, tenant);
    expect(items.filter(({ name }) => name === 'Team tools')).toMatchObject([
      { id: first.projectId, description: 'd' },
    ]);
    expect(second).toEqual({
      ...first,
      flows: first.flows.map((flow) => ({ ...flow, data: expect.anything() })),
    });
    expect(first.flows.map(({ name, projectId }) => [name, projectId])).toEqual([
      ['One', first.projectId],
      ['Two', first.projectId],
    ]);
    for (const { id } of first.flows) expect((await registry.source(id)).bytes.toString()).toBe(bytes);
    const { rows } = await admin.query('select count(*)::int as n from source where bytes = $1', [
      Buffer.byteLength(bytes),
    ]);
    expect(rows).toEqual([{ n: 1 }]);
  });

  it('creates no project for a caller who may not create one, and then imports nothing', async () => {
    const { principal } = anActor();
    const writer = { principal: { ...principal, permissions: ['flow:write' as const] } };
    const flow = chat('Lonely').build();
    const bytes = textOf({ folder_name: 'Made by import', flows: [flow] });
    await expect(registry.import(bytes, writer)).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
      details: { permission: 'project:write' },
    });
    await expect(bus.request(getFlow, { ...tenant, flowId: flow.id })).rejects.toMatchObject({
      code: 'FLOW_UNKNOWN',
    });
    const { items } = await bus.request(listProjects, tenant);
    expect(items.map(({ name }) => name)).not.toContain('Made by import');
    await registry.import(bytes);
    expect((await registry.import(bytes, writer)).flows[0]?.name).toBe('Lonely');
  });

  it('goes into the project that the caller names, if the caller’s team has it', async () => {
    const bytes = textOf({ folder_name: 'Ignored', flows: [chat().build()] });
    expect((await registry.import(bytes, { projectId: DEFAULT_PROJECT_ID })).projectId).toBe(
      DEFAULT_PROJECT_ID,
    );
    await expect(
      registry.import(bytes, { ...aStranger(), projectId: DEFAULT_PROJECT_ID }),
    ).rejects.toMatchObject({ code: 'PROJECT_UNKNOWN' });
  });

  it('is imported whole or not at all', async () => {
    const good = chat('Good').build();
    const bytes = textOf({ flows: [good, { name: 'no flow' }] });
    await expect(registry.import(bytes)).rejects.toMatchObject({
      code: 'FLOW_INVALID',
      message: expect.stringContaining('Member 2'),
    });
    await expect(bus.request(getFlow, { ...tenant, flowId: good.id })).rejects.toMatchObject({
      code: 'FLOW_UNKNOWN',
    });
  });

  it('keeps two flows with the same id as two', async () => {
    const [one, two] = [chat('First').build(), chat('Second').prompt('Hi {x}').build()];
    const { flows } = await registry.import(textOf({ flows: [one, { ...two, id: one.id }] }));
    expect(flows.map(({ name }) => name)).toEqual(['First', 'Second']);
    expect(new Set(flows.map(({ id }) => id)).size).toBe(2);
  });

  it('holds at most 500', async () => {
    const flow = { name: 'x', data: { nodes: [], edges: [] } };
    await expect(registry.import(textOf({ flows: Array(501).fill(flow) }))).rejects.toMatchObject({
      code: 'FLOW_INVALID',
      message: expect.stringContaining('more than 500 flows; send 1 to 500'),
    });
    await expect(registry.import(textOf({ flows: [] }))).rejects.toMatchObject({ code: 'FLOW_INVALID' });
  });
});

describe('a ZIP', () => {
  it('imports each of its JSON files, with the file’s own bytes as source', async () => {
    const [one, two] = [textOf(chat('Zip one').build()), textOf({ flows: [chat('Zip two').build()] })];
    const { flows } = await registry.import(
      zip({
        'one.json': one,
        'sub/two.JSON': two,
        'readme.txt': 'no',
        '__MACOSX/._one.json': 'x',
        'sub/.hidden.json': 'x',
      }),
    );
    expect(flows.map(({ name }) => name)).toEqual(['Zip one', 'Zip two']);
    const sources = await Promise.all(flows.map(({ id }) => registry.source(id)));
    expect(sources.map(({ fileName, bytes }) => [fileName, bytes.toString()])).toEqual([
      ['one.json', one],
      ['two.JSON', two],
    ]);
  });

  it('is imported whole or not at all, and the bad file is named', async () => {
    const good = chat().build();
    await expect(registry.import(zip({ 'good.json': textOf(good), 'bad.json': '{' }))).rejects.toMatchObject({
      code: 'FLOW_INVALID',
      message: expect.stringContaining('bad.json'),
    });
    await expect(bus.request(getFlow, { ...tenant, flowId: good.id })).rejects.toMatchObject({
      code: 'FLOW_UNKNOWN',
    });
  });

  it.each([
    ['without JSON files', () => zip({ 'a.txt': 'x' }), 'no .json file'],
    [
      'without anything',
      () => Buffer.from('504b0506000000000000000000000000000000000000', 'hex'),
      'no .json file',
    ],
    ['that is cut off', () => zip({ 'a.json': textOf(chat().build()) }).slice(0, -30), 'cannot be read'],
    [
      'with more than 1,000 entries',
      () => zip(Object.fromEntries(Array.from({ length: 1001 }, (_, n) => [`${n}.txt`, ''] as const))),
      '1001 entries; the limit is 1000',
    ],
    [
      'of a file with an extreme compression ratio',
      () => zip({ 'bomb.json': ' '.repeat(2 * MEGABYTE) }),
      'bomb.json unpacks to more than 200 times',
    ],
    ['of an entry that holds more than it declares', () => lyingZip(), 'cannot be read'],
  ])('%s is refused', async (_what, bytes, message) => {
    await expect(registry.import(bytes())).rejects.toMatchObject({
      code: 'FLOW_INVALID',
      message: expect.stringContaining(message),
    });
  });
});

describe('a bad file', () => {
  const importing = (bytes: string | Uint8Array) => registry.import(bytes, { fileName: 'bad.json' });

  it.each([
    ['empty', '', 'empty'],
    ['not JSON', '{"name": "x",}', 'line 1, column 14'],
    ['JSON that is not a flow', '{"hello": 1}', 'not a flow'],
    ['a list of numbers', '[1, 2]', 'not a flow'],
    ['10,000 levels deep', `{"data":${'['.repeat(10_000)}${']'.repeat(10_000)}}`, '200 levels'],
    ['not UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), 'not UTF-8'],
    ['UTF-16', Buffer.from('{"data":{}}', 'utf16le'), 'FLOW'],
  ])('%s is refused, and the refusal names the file', async (_what, bytes, message) => {
    const refused = importing(bytes);
    await expect(refused).rejects.toMatchObject({
      code: 'FLOW_INVALID',
      message: expect.stringContaining('bad.json'),
    });
    if (message !== 'FLOW')
      await expect(refused).rejects.toMatchObject({ message: expect.stringContaining(message) });
  });

  it('above 20 MB is refused with the limit’s name, and accepted just below', async () => {
    const sized = (bytes: number): Buffer => {
      const file = { ...chat().build(), description: '' };
      return Buffer.from(
        textOf({ ...file, description: 'x'.repeat(bytes - Buffer.byteLength(textOf(file))) }),
      );
    };
    await expect(importing(sized(20 * MEGABYTE + 1))).rejects.toMatchObject({
      code: 'PAYLOAD_TOO_LARGE',
      details: { limitName: 'CAUSEWAY_MAX_FLOW_BYTES', limitBytes: 20 * MEGABYTE, bytes: 20 * MEGABYTE + 1 },
    });
    const bytes = sized(20 * MEGABYTE);
    const { flows } = await importing(bytes);
    expect(flows[0]?.description).toHaveLength(10_000);
    expect(sameBytes((await registry.source(flows[0]?.id as string)).bytes, bytes)).toBe(true);
  });

  it('that is not in the object store is refused by a clear error', async () => {
    const file = { sha256: 'a'.repeat(64), bytes: 10 };
    await expect(bus.request(importFlows, { ...anActor(), file })).rejects.toMatchObject({
      code: 'PAYLOAD_MISSING',
    });
  });
});

describe('flows exported from many versions of Langflow', () => {
  const dev = devFlows();

  it.skipIf(!dev.available)(
    `come back byte for byte${dev.available ? '' : ` (${dev.reason})`}`,
    async () => {
      const problems = new Map<string, { blocking: number; warning: number; flows: Set<string> }>();
      let count = 0;
      for (const { name, path } of dev.files) {
        const bytes = readFileSync(path);
        const stranger = aStranger();
        const { flows } = await registry.import(bytes, { ...stranger, fileName: name });
        count += flows.length;
        for (const flow of flows) {
          const { bytes: exported } = await registry.source(flow.id, stranger);
          expect([name, sameBytes(exported, bytes)]).toEqual([name, true]);
          for (const { code, severity } of flow.problems) {
            const row = problems.get(code) ?? { blocking: 0, warning: 0, flows: new Set() };
            row[severity] += 1;
            row.flows.add(flow.id);
            problems.set(code, row);
          }
        }
      }
      const table = [...problems].map(([code, { blocking, warning, flows }]) => ({
        code,
        blocking,
        warning,
        flows: flows.size,
      }));
      console.table(table.toSorted((a, b) => b.flows - a.flows));
      console.log(`${dev.files.length} files, ${count} flows, all exported byte for byte`);
      expect(count).toBeGreaterThanOrEqual(dev.files.length);
    },
    120_000,
  );
});

/** A ZIP whose directory and header say that an entry has 10 bytes, although it unpacks to many more. */
function lyingZip(): Buffer {
  const content = Buffer.from(' '.repeat(100_000));
  const packed = deflateRawSync(content);
  const name = Buffer.from('lie.json');
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(20, 0);
  fields.writeUInt16LE(8, 4);
  fields.writeUInt32LE(crc32(content), 10);
  fields.writeUInt32LE(packed.length, 14);
  fields.writeUInt32LE(10, 18);
  fields.writeUInt16LE(name.length, 22);
  const local = Buffer.concat([Buffer.from('PK\u0003\u0004', 'latin1'), fields, name, packed]);
  const central = Buffer.concat([
    Buffer.from('PK\u0001\u0002\u0014\u0000', 'latin1'),
    fields,
    Buffer.alloc(14),
    name,
  ]);
  const end = Buffer.alloc(22);
  end.write('PK\u0005\u0006', 'latin1');
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, central, end]);
}
