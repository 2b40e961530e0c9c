import { once } from 'node:events';
import { connect } from 'node:net';
import { testNats } from '@causeway/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { KEY, startNeighbours } from './neighbours.js';
import { startGateway } from './start-gateway.js';

const nats = await testNats();
const neighbours = await startNeighbours(nats.url);
/** Pieces of a body are sent with this pause between them. */
const PAUSE_MS = 100;
/** Both limits of the wait for a body: far longer than a pause is on a busy machine. */
const LIMIT_MS = 2_000;
/** So many pieces take longer than the limits. */
const MANY = (1.5 * LIMIT_MS) / PAUSE_MS;
const gateway = await startGateway(nats.url, {
  ...neighbours.environment,
  CAUSEWAY_BODY_TIMEOUT_MS: String(LIMIT_MS),
  CAUSEWAY_UPLOAD_IDLE_MS: String(LIMIT_MS),
  CAUSEWAY_UPLOAD_MIN_BYTES_PER_S: '20',
  CAUSEWAY_MAX_UPLOADS_PER_KEY: '2',
});
afterAll(() => gateway.close());

/** Sends a request's headers and then these pieces, a moment apart. @returns the text received until the connection ended or an answer came */
async function drip(
  path: string,
  headers: Record<string, string>,
  pieces: readonly string[],
): Promise<string> {
  const { hostname, port } = new URL(gateway.url);
  const socket = connect(Number(port), hostname).setEncoding('utf8');
  // The server may close the connection while the rest is sent; what it answered before counts.
  socket.on('error', () => {});
  const lines = Object.entries({ host: 'x', 'content-length': '1000', ...headers });
  socket.write(
    `POST ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`,
  );
  let isAnswered = false;
  const answered = once(socket, 'data').then(([text]) => {
    isAnswered = true;
    return text as string;
  });
  for (const piece of pieces) {
    if (isAnswered) break;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    socket.write(piece);
  }
  return answered.finally(() => socket.destroy());
}

const json = { 'content-type': 'application/json' };
const form = { 'content-type': 'multipart/form-data; boundary=b' };
const key = { 'x-api-key': KEY };
const part = '--b\r\ncontent-disposition: form-data; name="file"; filename="a.txt"\r\n\r\n';

describe('N47: a body that never comes', () => {
  it('is not awaited by a route that does not exist', async () => {
    expect(await drip('/api/v1/nothing', { ...json, ...key }, [])).toMatch(/^HTTP\/1.1 404 .*ROUTE_UNKNOWN/s);
  });

  it.each([
    ['without a key', {}, 'KEY_MISSING'],
    ['with a wrong one', { 'x-api-key': 'sk-wrong' }, 'KEY_INVALID'],
  ])('is not awaited %s', async (_name, headers, code) => {
    const answer = await drip('/api/v1/run/x', { ...json, ...headers }, []);
    expect(answer).toMatch(/^HTTP\/1.1 403 /);
    expect(answer).toContain(code);
  });

  it.each([
    ['JSON', '/api/v1/run/x', json, ['{"a":']],
    ['an event', '/api/v1/webhook/x', json, ['{"a":']],
    ['an event in a form', '/api/v1/webhook/x', form, ['--b\r\n']],
    ['a form', '/api/v1/run/x', form, ['--b\r\n']],
  ])('as %s has a time limit, and the refusal names it', async (_name, path, type, pieces) => {
    const answer = await drip(path, { ...type, ...key }, pieces);
    expect(answer).toMatch(/^HTTP\/1.1 408 .*connection: close.*BODY_TIMED_OUT/is);
    expect(answer).toContain('CAUSEWAY_BODY_TIMEOUT_MS');
  });

  it('has that limit for the whole body, however slowly it arrives', async () => {
    const answer = await drip(
      '/api/v1/run/x',
      { ...json, ...key },
      Array.from({ length: 2 * MANY }, () => ' '),
    );
    expect(answer).toMatch(/^HTTP\/1.1 408 /);
  });
});

describe('an upload', () => {
  it('that pauses too long is ended, and the refusal names the limit', async () => {
    const answer = await drip('/api/v2/files', { ...form, ...key }, [part, 'some']);
    expect(answer).toMatch(/^HTTP\/1.1 408 .*BODY_TIMED_OUT/s);
    expect(answer).toContain('CAUSEWAY_UPLOAD_IDLE_MS');
  });

  it('that is slower than the least speed is ended, and the refusal names it', async () => {
    const headers = { ...form, ...key };
    const answer = await drip('/api/v2/files', headers, [
      part,
      ...Array.from({ length: 3 * MANY }, () => 'x'),
    ]);
    expect(answer).toMatch(/^HTTP\/1.1 408 .*UPLOAD_TOO_SLOW/s);
    expect(answer).toContain('CAUSEWAY_UPLOAD_MIN_BYTES_PER_S');
  });

  it('beyond the number for each key is refused until another has ended', async () => {
    const pieces = [part, ...Array.from({ length: 5 }, () => 'some')];
    const answers = await Promise.all(
      [1, 2, 3].map(() => drip('/api/v2/files', { ...form, ...key }, pieces)),
    );
    const refused = answers.filter((answer) => answer.startsWith('HTTP/1.1 429'));
    expect(refused).toEqual([expect.stringMatching(/retry-after: .*CAUSEWAY_MAX_UPLOADS_PER_KEY/is)]);
    const whole = [part, '\r\n--b--\r\n'];
    const length = { 'content-length': String(whole.join('').length) };
    await expect
      .poll(() => drip('/api/v2/files', { ...form, ...key, ...length }, whole))
      .toMatch(/^HTTP\/1.1 503 /);
  });

  it('may take longer than any limit while data arrives', async () => {
    const pieces = [part, ...Array.from({ length: MANY }, () => 'some more'), '\r\n--b--\r\n'];
    const headers = { ...form, ...key, 'content-length': String(pieces.join('').length) };
    const answer = await drip('/api/v2/files', headers, pieces);
    // The file was stored; the answer is 503 because there is no registry to write its row.
    expect(answer).toMatch(/^HTTP\/1.1 503 /);
  });
});

describe('wrong keys', () => {
  const ask = async (name: string): Promise<number> => {
    const response = await fetch(`${gateway.url}/api/v1/flows`, { headers: { 'x-api-key': name } });
    await response.text();
    return response.status;
  };

  it('that are repeated cause one request to auth', async () => {
    const before = neighbours.asked.length;
    for (let n = 0; n < 20; n++) expect(await ask('sk-the-same')).toBe(403);
    expect(neighbours.asked.length - before).toBeLessThan(10);
  });

  it('by the hundred are answered with 429, and a known key still works', async () => {
    expect(await ask(KEY)).toBe(503);
    const before = neighbours.asked.length;
    const guesses = Array.from({ length: 200 }, (_, n) => ask(`sk-guess-${n}`));
    const answers = await Promise.all(guesses);
    expect(answers.filter((status) => status === 429).length).toBeGreaterThan(100);
    expect(neighbours.asked.length - before).toBeLessThan(100);
    expect(await ask(KEY)).toBe(503);
  });
});

describe('addresses of webhooks that do not exist', () => {
  const call = async (token: string): Promise<number> =>
    (await fetch(`${gateway.url}/api/platform/v1/hooks/${token}`, { method: 'POST', body: '{}' })).status;

  it('by the hundred are answered with 429, and cause few requests to the registry', async () => {
    // The tries of the tests above come back.
    await expect.poll(() => call('cw-hook-first')).toBe(404);
    const before = neighbours.hooksAsked.length;
    const statuses = await Promise.all(Array.from({ length: 100 }, (_, at) => call(`cw-hook-${at}`)));
    expect(new Set(statuses)).toContain(429);
    expect(neighbours.hooksAsked.length - before).toBeLessThan(40);
    expect(neighbours.hooksAsked.length - before).toBe(statuses.filter((status) => status === 404).length);
  });

  it('that are repeated cause one request to the registry in a second', async () => {
    await expect.poll(() => call('cw-hook-repeated')).toBe(404);
    const before = neighbours.hooksAsked.length;
    expect(await Promise.all(Array.from({ length: 30 }, () => call('cw-hook-repeated')))).toEqual(
      Array.from({ length: 30 }, () => 404),
    );
    expect(neighbours.hooksAsked.length - before).toBeLessThanOrEqual(2);
  });
});
