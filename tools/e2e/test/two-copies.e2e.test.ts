import { randomUUID } from 'node:crypto';
import { startScriptedProvider } from '@causeway/scripted-provider';
import { freePort } from '@causeway/stack';
import { afterAll, describe, expect, test } from 'vitest';
import { Api, type FlowRow } from './support/api.js';
import { causewayCli } from './support/cli.js';
import { echoFlow, openAiFlow } from './support/flows.js';
import { type Stack, startStack } from './support/stack.js';

interface Report {
  readonly flows: readonly { readonly id: string; readonly change: string; readonly partly?: string }[];
  readonly projects: readonly string[];
  readonly variablesToFill: readonly string[];
  readonly failures: readonly { readonly from: string; readonly problem: string }[];
}
interface Project {
  readonly id: string;
  readonly name: string;
}

const KEY = `sk-${randomUUID()}`;
const openai = await startScriptedProvider();
afterAll(() => openai.close());
const executor = {
  CAUSEWAY_OUTBOUND_ALLOW: '127.0.0.1',
  CAUSEWAY_OPENAI_BASE_URL: `${openai.url}/v1`,
};
const lastPort = await freePort();
const start = (https = false): Promise<Stack> => startStack({ lastPort, https, environment: { executor } });
const [{ api: source }, { api: target }] = await Promise.all([start(), start(true)]);

test('two copies that start at the same moment and had the same port last use different ports', async () => {
  const ports = [source, target].map(({ url }) => Number(new URL(url).port));
  // A third program may have taken the last port meanwhile, so neither needs to have it.
  expect(new Set(ports).size).toBe(2);
  for (const api of [source, target]) expect((await api.send('GET', '/api/v1/flows/')).status).toBe(200);
});

test('a copy with HTTPS answers those who trust its certificate, and nobody over plain HTTP', async () => {
  expect(target.url).toMatch(/^https:/);
  await expect(fetch(`${target.url}/health`)).rejects.toMatchObject({
    cause: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
  });
  await expect(fetch(`${target.url.replace('https', 'http')}/health`)).rejects.toThrow();
  const distrusting = new Api(target.url, target.key);
  const { code, stderr } = await causewayCli(distrusting, ['flows']);
  expect([code, stderr]).toEqual([1, expect.stringContaining('CAUSEWAY_CA_FILE')]);
});

describe('causeway import --from another Causeway', async () => {
  const project = await source.ask<Project>('POST', '/api/v1/projects/', {
    body: { name: 'Of the source', description: 'moved' },
  });
  const place = async (flow: FlowRow): Promise<FlowRow> =>
    source.ask('PATCH', `/api/v1/flows/${flow.id}`, { body: { folder_id: project.id } });
  const echo = await place(await source.importFlow({ ...echoFlow('Moved echo'), id: randomUUID() }));
  // Its file has no id, so that the flow is taken as it is shown, with its key masked.
  const masked = await place(await source.importFlow(openAiFlow(KEY, 'Moved with a key')));
  const body = { name: 'MOVED_KEY', value: 'not moved', type: 'Credential' };
  await source.ask('POST', '/api/v1/variables/', { body });

  /** Imports everything with a key of the source that has these permissions. */
  const importWith = async (permissions: readonly string[]) => {
    const { api_key: key } = await source.ask<{ api_key: string }>('POST', '/api/v1/api_key/', {
      body: { name: 'mover', permissions },
    });
    const { code, stdout } = await causewayCli(target, [
      '--json',
      'import',
      '--from',
      source.url,
      '--key',
      key,
    ]);
    return { code, report: JSON.parse(stdout) as Report };
  };
  const reading = ['flow:read', 'project:read', 'variable:read'];
  const flowsOf = (api: Api): Promise<(FlowRow & { folder_id: string })[]> =>
    api.ask('GET', '/api/v1/flows/?get_all=true&header_flows=true');

  test('refuses a flow that holds a secret when the key has no flow:write, and takes the others', async () => {
    const { code, report } = await importWith(reading);
    expect(code).toBe(1);
    const problem =
      'the flow holds secrets, and this key may not read them: use a key of that server with the permission flow:write';
    expect(report.failures).toEqual([{ from: masked.name, problem }]);
    const taken = report.flows.find(({ id }) => id === echo.id);
    expect(taken).toMatchObject({ partly: expect.stringContaining('flow:write') as string });
    expect((await flowsOf(target)).map(({ id }) => id)).not.toContain(masked.id);
  });

  test('with flow:write moves flows into their project, with the secrets that the source shows as masks', async () => {
    const shown = await source.send('GET', `/api/v1/flows/${masked.id}`);
    expect(shown.text).not.toContain(KEY);
    const { code, report } = await importWith([...reading, 'flow:write']);
    expect([code, report.failures]).toEqual([0, []]);
    expect(report.projects).toContain(project.name);
    expect(report.variablesToFill).toContain(body.name);
    expect(report.flows.find(({ id }) => id === echo.id)).not.toHaveProperty('partly');

    const projects = await target.ask<Project[]>('GET', '/api/v1/projects/');
    const here = projects.find(({ name }) => name === project.name);
    expect(here).toMatchObject({ description: 'moved' });
    const moved = (await flowsOf(target)).filter(({ folder_id: id }) => id === here?.id);
    expect(moved.map(({ id }) => id).toSorted()).toEqual([echo.id, masked.id].toSorted());

    const since = openai.calls().at(-1)?.sequence ?? 0;
    for (const api of [source, target])
      expect((await api.run(masked.id, { input_value: 'x' })).status).toBe(200);
    const [there, ...others] = openai.calls(since).map(({ authorization }) => authorization);
    expect(there).toMatch(/^sha256:/);
    expect(others).toEqual([there]);
    expect((await target.send('GET', `/api/v1/flows/${masked.id}`)).text).not.toContain(KEY);
  });
});
