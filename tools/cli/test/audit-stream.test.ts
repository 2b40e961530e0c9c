import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { streamAudit } from '../src/commands/audit/stream.js';
import { Output } from '../src/output.js';
import { captureOutput } from './capture.js';
import { type Site, openSite } from './site.js';

const stream = {
  url: 'https://siem.example/hook',
  sentSeq: 5,
  lastSeq: 9,
  failures: 3,
  lastError: 'it answers with status 503',
  pausedAt: null,
  createdAt: '2027-01-31T12:00:00.000Z',
};
const PATH = '/api/platform/v1/audit/stream';
let site: Site;
let body = '';
let found: object | null = stream;
let shown: { out: string; err: string };
beforeEach(async () => {
  shown = captureOutput();
  site = await openSite({
    [`GET ${PATH}`]: (response) => void response.end(JSON.stringify({ stream: found })),
    [`PUT ${PATH}`]: (response, request) => {
      request.on('data', (chunk) => (body += chunk));
      request.on('end', () => response.end(JSON.stringify({ ...stream, secret: 'whsec_x' })));
    },
    [`DELETE ${PATH}`]: (response) => void response.writeHead(204).end(),
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  site.close();
});

test('a receiver is set, and its secret is shown once', async () => {
  expect(await streamAudit(site.api, stream.url, { fromBeginning: true }, new Output(false))).toBe(0);
  expect(JSON.parse(body)).toEqual({ url: stream.url, from: 'beginning' });
  expect([shown.out, shown.err]).toEqual(['whsec_x\n', expect.stringContaining('shown only this once')]);
});

test('the receiver is shown with what waits and what is wrong', async () => {
  await streamAudit(site.api, undefined, {}, new Output(false));
  expect(shown.out).toBe(
    'https://siem.example/hook\n  confirmed until event 5, 4 are waiting\n  3 tries failed, the last one because it answers with status 503\n',
  );
  found = null;
  await streamAudit(site.api, undefined, {}, new Output(false));
  expect(shown.out).toContain('not sent anywhere');
});

test('it ends with --stop, which takes no address', async () => {
  await streamAudit(site.api, undefined, { stop: true }, new Output(true));
  expect(site.asked).toEqual([`DELETE ${PATH}`]);
  expect(JSON.parse(shown.out)).toEqual({ stream: null });
  await expect(streamAudit(site.api, stream.url, { stop: true }, new Output(true))).rejects.toThrow(
    'either an address or --stop',
  );
});
