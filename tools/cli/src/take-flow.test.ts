import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SECRET_MASK } from '@causeway/dag';
import { afterAll, describe, expect, test } from 'vitest';
import { Api } from './api.js';
import { takeFlow } from './take-flow.js';

const KEY = 'sk-canary-0000000000000000';
const flowWith = (id: string, key: string) => ({
  id,
  name: 'Has a key',
  endpoint_name: 'renamed-since',
  data: {
    nodes: [
      {
        id: 'Model-1',
        data: {
          id: 'Model-1',
          type: 'OpenAIModel',
          node: { template: { api_key: { password: true, value: key } } },
        },
      },
    ],
    edges: [],
    viewport: { zoom: 1 },
  },
});
/** Answers by path: a status, or a body. */
const answers = new Map<string, unknown>();
const server = createServer((request, response) => {
  const answer = answers.get(request.url ?? '') ?? 404;
  if (request.url?.endsWith('/source') && typeof answer !== 'number')
    response.setHeader('content-disposition', `attachment; filename="a_.json"; filename*=UTF-8''%C3%BC.json`);
  response.statusCode = typeof answer === 'number' ? answer : 200;
  response.end(JSON.stringify(typeof answer === 'number' ? { detail: 'refused', code: 'REFUSED' } : answer));
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
afterAll(() => server.close());
const api = new Api({
  url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  apiKey: 'key',
});

/** The bytes to import of a flow that is shown with masks and has the given source. */
async function taken(shown: unknown, source: unknown): Promise<unknown> {
  answers.set('/api/v1/flows/f', shown).set('/api/platform/v1/flows/f/source', source);
  return JSON.parse(Buffer.from((await takeFlow(api, 'f')).bytes).toString('utf8'));
}

describe('a flow of another server', () => {
  test('is imported unchanged when it shows no mask', async () => {
    expect(await taken(flowWith('f', ''), 404)).toEqual(flowWith('f', ''));
  });

  test('is the file that was imported there, if it says what the flow is now', async () => {
    const source = { ...flowWith('f', KEY), description: null, more: 'kept' };
    expect(await taken({ ...flowWith('f', SECRET_MASK), description: '', tags: [] }, source)).toEqual(source);
    expect(await takeFlow(api, 'f')).toMatchObject({ fileName: 'ü.json' });
    expect(await takeFlow(api, 'f')).not.toHaveProperty('partly');
  });

  test('is taken as it is shown if the file does not have a setting of it, and that is said', async () => {
    const shown = flowWith('f', '');
    expect(await taken(shown, { ...shown, endpoint_name: null })).toEqual(shown);
    expect((await takeFlow(api, 'f')).partly).toMatch(/another setting/);
    expect(await taken(shown, 403)).toEqual(shown);
    expect((await takeFlow(api, 'f')).partly).toMatch(/permission flow:write/);
  });

  test('gets its secrets from its source, and keeps later changes', async () => {
    const masked = flowWith('f', SECRET_MASK);
    expect(await taken(masked, { ...flowWith('other', KEY), endpoint_name: 'old' })).toEqual(
      flowWith('f', KEY),
    );
    const several = { flows: [flowWith('x', 'sk-of-another'), flowWith('f', KEY)] };
    expect(await taken(masked, several)).toEqual(flowWith('f', KEY));
  });

  test('of a server without sources is imported unchanged', async () => {
    expect(await taken(flowWith('f', SECRET_MASK), 404)).toEqual(flowWith('f', SECRET_MASK));
  });

  test('is refused when the key may not read the source, and the permission is named', async () => {
    await expect(taken(flowWith('f', SECRET_MASK), 403)).rejects.toThrow(/permission flow:write/);
  });
});
