import { testNats } from '@causeway/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { KEY, startNeighbours } from './neighbours.js';
import { startGateway } from './start-gateway.js';

const nats = await testNats();
const neighbours = await startNeighbours(nats.url);
const gateway = await startGateway(nats.url, neighbours.environment);
afterAll(() => gateway.close());

const MIB = 1024 ** 2;

interface Answered {
  readonly status: number;
  readonly code?: string;
  readonly detail?: string;
}

async function send(method: string, path: string, body: BodyInit, type?: string): Promise<Answered> {
  const headers = { 'x-api-key': KEY, prefer: 'respond-async', ...(type && { 'content-type': type }) };
  const response = await fetch(gateway.url + path, { method, headers, body });
  return { ...((await response.json()) as object), status: response.status };
}
const run = (body: BodyInit, type = 'application/json') => send('POST', '/api/v1/run/a-flow', body, type);

describe('a JSON body', () => {
  it('has the limit of its route, and the refusal names it', async () => {
    const text = JSON.stringify({ name: 'x', input_value: 'x'.repeat(6 * MIB) });
    expect(await run(text)).toMatchObject({ status: 413, detail: expect.stringContaining('maxBodyBytes') });
    const larger = JSON.stringify({ name: 'x', data: { x: 'x'.repeat(20 * MIB) } });
    for (const [method, path] of [
      ['POST', '/api/v1/flows'],
      ['POST', '/api/v1/flows/batch'],
      ['PUT', '/api/v1/flows/00000000-0000-4000-8000-00000000abcd'],
      ['PATCH', '/api/v1/flows/00000000-0000-4000-8000-00000000abcd'],
    ] as const) {
      const refused = await send(method, path, larger, 'application/json');
      expect(refused).toMatchObject({ status: 413, detail: expect.stringContaining('maxFlowBytes') });
      // It passed the door and its check: only the registry is not there.
      const taken = await send(
        method,
        path,
        path.endsWith('batch') ? '{"flows":[]}' : text,
        'application/json',
      );
      expect(taken.status).not.toBe(413);
    }
  });
});
