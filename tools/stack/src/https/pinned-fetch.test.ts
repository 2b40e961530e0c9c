import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type Server, createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeCertificate } from './make-certificate.js';
import { pinnedFetch } from './pinned-fetch.js';

const folder = mkdtempSync(join(tmpdir(), 'causeway-pinned-'));
const [own, foreign] = [join(folder, 'own.pem'), join(folder, 'foreign.pem')];
let server: Server;
let url: string;
beforeAll(async () => {
  // For a name that this address does not have, as a company's certificate is.
  const made = await makeCertificate(['causeway.example']);
  writeFileSync(own, made.cert);
  writeFileSync(foreign, (await makeCertificate(['127.0.0.1'])).cert);
  server = createServer(made, (request, response) => {
    if (request.url === '/hangs') return;
    response.setHeader('x-type', String(request.headers['content-type']));
    if (request.url === '/empty') response.writeHead(204).end();
    else request.pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
  rmSync(folder, { recursive: true });
});

test('a server is asked that has the certificate of the file, whatever its names are', async () => {
  const body = new FormData();
  body.set('file', new Blob(['content']), 'a.txt');
  const answer = await pinnedFetch(own)(`${url}/echo`, { method: 'POST', body });
  expect(answer.headers.get('x-type')).toMatch(/^multipart\/form-data; boundary=/);
  expect(await answer.text()).toContain('content');
  expect((await pinnedFetch(own)(`${url}/empty`)).status).toBe(204);
});

test('a server with another certificate is not asked', async () => {
  await expect(pinnedFetch(foreign)(`${url}/echo`)).rejects.toMatchObject({ message: 'fetch failed' });
});

test('a request ends when it is aborted', async () => {
  const signal = AbortSignal.timeout(50);
  await expect(pinnedFetch(own)(`${url}/hangs`, { signal })).rejects.toMatchObject({ name: /Abort|Timeout/ });
});
