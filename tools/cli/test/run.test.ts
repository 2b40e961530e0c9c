import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { run } from '../src/commands/run.js';
import { Output } from '../src/output.js';
import { captureOutput } from './capture.js';
import { type Site, openSite, refuse } from './site.js';

const RUN = '01a20ae6-f642-7667-8a2a-73ab438460bb';
const answer = { session_id: 's', outputs: [{ outputs: [{ outputs: { Out: { message: 'Hello' } } }] }] };
const flows = [{ id: 'f-1', name: 'My Flow', endpoint_name: null }];
const output = new Output(false);

let site: Site;
let shown: { out: string; err: string };
beforeEach(() => void (shown = captureOutput()));
afterEach(() => {
  vi.restoreAllMocks();
  site.close();
});

function succeed(response: ServerResponse): void {
  response.setHeader('x-causeway-run-id', RUN).end(JSON.stringify(answer));
}
function beginStream(response: ServerResponse): void {
  response.setHeader('x-causeway-run-id', RUN);
  response.write('{"event":"token","data":{"chunk":"Hel"}}\n\n');
}

describe('a flow is run', () => {
  test.each([
    ['my-flow', 'my-flow'],
    ['My Flow / 2', 'My%20Flow%20%2F%202'],
  ])('by %j, which is sent as it is, without reading flows', async (named, sent) => {
    site = await openSite({ [`POST /api/v1/run/${sent}`]: succeed });
    expect(await run(site.api, named, {}, output)).toBe(0);
    expect(site.asked).toEqual([`POST /api/v1/run/${sent}`]);
    expect(shown).toEqual({ out: 'Hello\n', err: `run ${RUN}\n` });
  });

  test('by a name that the server does not find, as Langflow does not', async () => {
    site = await openSite({
      'POST /api/v1/run/Solo': (response) => refuse(response, 404, 'FLOW_UNKNOWN', 'not found'),
      'GET /api/v1/flows/': (response) => response.end(JSON.stringify([{ ...flows[0], name: 'Solo' }])),
      'POST /api/v1/run/f-1': succeed,
    });
    expect(await run(site.api, 'Solo', {}, output)).toBe(0);
  });

  test('and is unknown where the key may not look names up', async () => {
    site = await openSite({
      'POST /api/v1/run/Solo': (response) => refuse(response, 404, 'FLOW_UNKNOWN', 'Solo not found'),
      'GET /api/v1/flows/': (response) => refuse(response, 403, 'PERMISSION_DENIED', 'lacks flow:read'),
    });
    await expect(run(site.api, 'Solo', {}, output)).rejects.toThrow('Solo not found');
  });
});

describe('a connection that breaks', () => {
  test('is opened again, for the same run', async () => {
    const keys: unknown[] = [];
    site = await openSite({
      'POST /api/v1/run/f': (response, { headers }) => {
        keys.push(headers['idempotency-key']);
        if (keys.length === 1) response.destroy();
        else succeed(response);
      },
    });
    expect(await run(site.api, 'f', {}, output)).toBe(0);
    expect(keys).toEqual([keys[0], keys[0]]);
  });

  test('for good says that the run may still be running', async () => {
    site = await openSite({ 'POST /api/v1/run/f': (response) => void response.destroy() });
    await expect(run(site.api, 'f', {}, output)).rejects.toMatchObject({
      code: 'CONNECTION_LOST',
      message: expect.stringMatching(
        /^the connection to .* was lost: .*; the run may still be running; see: npx causeway runs$/,
      ),
    });
    expect(site.asked).toHaveLength(4);
  });

  test.each([
    ['breaks off', (response: ServerResponse) => void response.destroy()],
    ['ends too early', (response: ServerResponse) => void response.end()],
  ])('in a stream that %s names the run', async (_how, end) => {
    site = await openSite({
      'POST /api/v1/run/f': (response) => {
        beginStream(response);
        setTimeout(() => end(response), 50);
      },
    });
    await expect(run(site.api, 'f', { stream: true }, output)).rejects.toMatchObject({
      code: 'CONNECTION_LOST',
      runId: RUN,
      message: expect.stringContaining('the run may still be running'),
    });
    expect(shown.out).toMatch(/^Hel/);
  });
});

test('a stream ends with the id of its run', async () => {
  site = await openSite({
    'POST /api/v1/run/f': (response) => {
      beginStream(response);
      response.end(`${JSON.stringify({ event: 'end', data: { result: answer } })}\n\n`);
    },
  });
  expect(await run(site.api, 'f', { stream: true }, output)).toBe(0);
  expect(shown).toEqual({ out: 'Hel\n', err: `run ${RUN}\n` });
});

test('Ctrl-C in a stream reports the state of the run', async () => {
  const statuses = ['running', 'cancelled'];
  site = await openSite({
    'POST /api/v1/run/f': beginStream,
    [`GET /api/platform/v1/runs/${RUN}`]: (response) =>
      void response.end(JSON.stringify({ status: statuses.shift() })),
  });
  const code = run(site.api, 'f', { stream: true }, output);
  await vi.waitUntil(() => shown.out.includes('Hel'), { timeout: 60_000 });
  process.emit('SIGINT');
  expect(await code).toBe(130);
  expect(shown.err).toContain(`interrupted; the run is cancelled\n  see: npx causeway trace ${RUN}\n`);
});
