import { testNats } from '@causeway/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { KEY, startNeighbours } from './neighbours.js';
import { startGateway } from './start-gateway.js';

const nats = await testNats();
const neighbours = await startNeighbours(nats.url);
const gateway = await startGateway(nats.url, neighbours.environment);
afterAll(() => gateway.close());

interface Answered {
  readonly status: number;
  readonly code?: string;
  readonly detail?: string;
}

async function send(method: string, path: string, body: string, type: string): Promise<Answered> {
  const headers = { 'x-api-key': KEY, 'content-type': type };
  const response = await fetch(gateway.url + path, { method, headers, body });
  return { ...((await response.json()) as object), status: response.status };
}

describe('a path', () => {
  const get = (path: string): Promise<Answered> =>
    fetch(gateway.url + path, { headers: { 'x-api-key': KEY } }).then(async (response) => ({
      ...((await response.json()) as object),
      status: response.status,
    }));

  it.each([
    '/api/v1/flows/basic_examples/',
    '/api/v1/flows/upload',
    '/api/v2/files/batch',
    '/api/v1/projects/upload/',
  ])('%s that no object has does not exist', async (path) => {
    expect(await get(path)).toMatchObject({
      status: 404,
      code: 'ROUTE_UNKNOWN',
      detail: expect.stringContaining(`GET ${path}`),
    });
  });

  it('with something other than an id is refused, and the refusal names it', async () => {
    expect(await get('/api/v1/flows/my-flow')).toMatchObject({ status: 400, code: 'REQUEST_INVALID' });
  });
});

describe('a prompt', () => {
  const validate = (body: object): Promise<Answered & { frontend_node?: object }> =>
    send('POST', '/api/v1/validate/prompt', JSON.stringify(body), 'application/json');
  const node = { template: { template: { value: '' } }, custom_fields: {} };

  it('comes back with a field for each variable', async () => {
    const checked = await validate({ name: 'template', template: 'Dear {name}', frontend_node: node });
    expect(checked).toMatchObject({
      status: 200,
      input_variables: ['name'],
      frontend_node: {
        template: { name: { type: 'str', value: '' } },
        custom_fields: { template: ['name'] },
      },
    });
    expect(
      await validate({ template: '{a}', frontend_node: null, name: null, mustache: null }),
    ).toMatchObject({
      status: 200,
      input_variables: ['a'],
      frontend_node: null,
    });
  });

  it.each([
    ['{"status": "ok"}', 'no variable name'],
    ['{a b}', 'no variable name'],
    ['{}', 'names no variable'],
    ['a }', 'no partner'],
    ['{code}', 'cannot be called code'],
    ['{_type}', 'begin with _'],
    [Array.from({ length: 501 }, (_none, at) => `{a${at}}`).join(''), 'the limit is 500'],
  ])('%.20s with unusable names is refused', async (template, problem) => {
    const refused = await validate({ name: 'template', template, frontend_node: node });
    expect(refused).toMatchObject({ status: 400, detail: expect.stringContaining(problem) });
  });
});
