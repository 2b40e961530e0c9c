import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import type { IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TLSSocket, connect as connectTls } from 'node:tls';
import { makeCertificate, testNats, waitFor } from '@causeway/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { sendLine, sendRaw } from './raw-request.js';
import { startGateway } from './start-gateway.js';

const nats = await testNats();
const folder = mkdtempSync(join(tmpdir(), 'gateway-tls-'));
afterAll(() => rmSync(folder, { recursive: true }));
const names = ['localhost', '127.0.0.1', 'causeway.example'];
const first = await makeCertificate(names);
const second = await makeCertificate(names);
const [certFile, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
const files = { CAUSEWAY_TLS_CERT_FILE: certFile, CAUSEWAY_TLS_KEY_FILE: keyFile };
function install({ cert, key }: typeof first): void {
  writeFileSync(certFile, cert);
  writeFileSync(keyFile, key);
}
install(first);
const [gateway, named] = await Promise.all([
  startGateway(nats.url, { ...files, CAUSEWAY_HTTP_REDIRECT_PORT: '0' }),
  startGateway(nats.url, {
    ...files,
    CAUSEWAY_HTTP_REDIRECT_PORT: '0',
    CAUSEWAY_PUBLIC_URL: 'https://flows.causeway.example/behind/a/path',
  }),
]);
afterAll(() => Promise.all([gateway.close(), named.close()]));
const port = Number(new URL(gateway.url).port);
/** The address of its plain port, which is in its log. */
async function redirectOf({ lines }: typeof gateway): Promise<string> {
  const find = (): string | undefined => /"redirectPort":(\d+)/.exec(lines.join('\n'))?.[1];
  await waitFor(() => find() !== undefined);
  return `http://127.0.0.1:${find()}`;
}
const trusted = [first.cert, second.cert];

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly fingerprint: string;
  readonly isReused: boolean;
}

function get(headers: Record<string, string> = {}, agent = new Agent()): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: '127.0.0.1', port, path: '/health', ca: trusted, agent, headers },
      (answer) => {
        const { fingerprint256 } = (answer.socket as TLSSocket).getPeerCertificate();
        answer.resume().on('end', () =>
          resolve({
            status: answer.statusCode,
            headers: answer.headers,
            fingerprint: fingerprint256,
            isReused: sent.reusedSocket,
          }),
        );
      },
    );
    sent.on('error', reject).end();
  });
}

async function handshake(minVersion: 'TLSv1' | 'TLSv1.2', maxVersion: 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3') {
  const socket = connectTls({
    host: '127.0.0.1',
    port,
    ca: trusted,
    minVersion,
    maxVersion,
    ciphers: 'DEFAULT@SECLEVEL=0',
  });
  await once(socket, 'secureConnect');
  const protocol = socket.getProtocol();
  socket.destroy();
  return protocol;
}

describe('with a certificate', () => {
  it('the port speaks HTTPS, with TLS 1.2 or newer', async () => {
    expect((await get()).status).toBe(200);
    expect(await handshake('TLSv1.2', 'TLSv1.2')).toBe('TLSv1.2');
    expect(await handshake('TLSv1.2', 'TLSv1.3')).toBe('TLSv1.3');
    await expect(handshake('TLSv1', 'TLSv1.1')).rejects.toMatchObject({
      code: expect.stringMatching(/PROTOCOL_VERSION/),
    });
  });

  it('no plain request is answered there', async () => {
    const answer = await sendRaw(`http://127.0.0.1:${port}`, 'GET /health HTTP/1.1\r\nhost: a\r\n\r\n').catch(
      () => undefined,
    );
    expect(answer?.text ?? '').not.toContain('ok');
    expect((await get()).status).toBe(200);
  });

  it('browsers are told to keep to HTTPS, except on this machine', async () => {
    expect((await get({ host: 'causeway.example' })).headers['strict-transport-security']).toBe(
      'max-age=31536000',
    );
    expect((await get()).headers).not.toHaveProperty('strict-transport-security');
    expect((await get({ host: `localhost:${port}` })).headers).not.toHaveProperty(
      'strict-transport-security',
    );
  });
});

describe('the port with plain HTTP', async () => {
  const own = await redirectOf(gateway);
  const location = async (line: string, headers: readonly string[], url = own): Promise<unknown> => {
    const answer = await sendLine(url, line, headers);
    return answer.status === 308 ? answer.headers['location'] : answer.status;
  };

  it('redirects every request to the same path over HTTPS, with its method', async () => {
    for (const method of ['GET', 'POST', 'HEAD', 'DELETE', 'OPTIONS'])
      expect(await location(`${method} /api/v1/run/x?a=b%20c`, ['host: localhost:1'])).toBe(
        `https://localhost:${port}/api/v1/run/x?a=b%20c`,
      );
    expect(await location('GET http://evil.example/health', ['host: Causeway.Example'])).toBe(
      `https://causeway.example:${port}/health`,
    );
    expect(await location('GET //evil.example/x', ['host: localhost'])).toBe(
      `https://localhost:${port}//evil.example/x`,
    );
  });

  it.each([
    [['host: evil.example']],
    [['host: localhost.evil.example']],
    [['host: localhost@evil.example']],
    [['host: evil.example', 'x-forwarded-host: localhost']],
    [['host: localhost', 'host: evil.example']],
    [['host: 192.0.2.1']],
    [['host: ']],
    [['host: localhost/evil.example']],
  ])('redirects to no foreign host: %j', async (headers) => {
    const answer = await sendLine(own, 'GET /x', headers);
    expect([answer.status, answer.headers['location'], answer.json.code]).toEqual([
      400,
      undefined,
      'REQUEST_INVALID',
    ]);
    expect(answer.json.request_id).toBe(answer.headers['x-request-id']);
  });

  it('redirects to the public address when there is one, whatever the caller says', async () => {
    for (const host of ['evil.example', 'localhost'])
      expect(await location('GET /a?b', [`host: ${host}`], await redirectOf(named))).toBe(
        'https://flows.causeway.example/a?b',
      );
  });

  it('answers what is no HTTP like any other port, and never sets HSTS', async () => {
    const answer = await sendRaw(own, 'nonsense\r\n\r\n');
    expect([answer.status, answer.json.code]).toEqual([400, 'REQUEST_INVALID']);
    const redirected = await sendLine(own, 'GET /', ['host: causeway.example']);
    expect(redirected.headers).not.toHaveProperty('strict-transport-security');
    expect(redirected.headers['x-content-type-options']).toBe('nosniff');
  });
});

describe('a certificate file that changes', () => {
  const logged = (text: string): boolean => gateway.lines.some((line) => line.includes(text));
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  afterAll(() => agent.destroy());

  it('is loaded without a restart, and connections stay open', async () => {
    const before = await get({}, agent);
    install(second);
    await waitFor(() => logged('"message":"certificate replaced"'));
    const [kept, fresh] = [await get({}, agent), await get()];
    expect(kept).toMatchObject({ status: 200, isReused: true, fingerprint: before.fingerprint });
    expect(fresh.status).toBe(200);
    expect(fresh.fingerprint).not.toBe(before.fingerprint);
  });

  it.each([
    ['the key does not belong to the certificate', async () => ({ ...second, cert: first.cert })],
    ['the certificate has expired', () => makeCertificate(names, { days: -1 })],
    ['the certificate file holds no certificate', async () => ({ ...second, cert: 'nonsense' })],
    ['the key file holds no private key', async () => ({ ...second, key: '' })],
  ])('is not used when it cannot be, and the log says that %s', async (problem, made) => {
    const before = await get();
    install(await made());
    await waitFor(() => logged(problem));
    expect((await get()).fingerprint).toBe(before.fingerprint);
    expect(gateway.lines.join('\n')).not.toContain('PRIVATE KEY-----');
  });
});

describe('a gateway does not start', () => {
  it.each([
    ['with a certificate alone', { CAUSEWAY_TLS_CERT_FILE: certFile }, /set both of them/],
    [
      'with a redirect without a certificate',
      { CAUSEWAY_HTTP_REDIRECT_PORT: '0' },
      /CAUSEWAY_HTTP_REDIRECT_PORT: it needs/,
    ],
    [
      'with a plain public address',
      { ...files, CAUSEWAY_PUBLIC_URL: 'http://a.test' },
      /must begin with https/,
    ],
    [
      'with a file that does not exist',
      { ...files, CAUSEWAY_TLS_KEY_FILE: join(folder, 'none') },
      /cannot be read \(ENOENT\)/,
    ],
  ])('%s', async (_name, settings, problem) => {
    await expect(startGateway(nats.url, settings)).rejects.toThrow(problem);
  });
});
