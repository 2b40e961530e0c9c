import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { type RequestListener, type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { S3Store } from './s3-store.js';

/** The conformance suite tests a real server; this file tests faults that a real server should not have. */
const spoolFolder = mkdtempSync(join(tmpdir(), 'causeway-spool-'));
const content = Buffer.alloc(100_000, 'x');
const sha256 = createHash('sha256').update(content).digest('hex');
const credentials = { accessKeyId: 'AN-ACCESS-KEY', secretAccessKey: 'A-SECRET-KEY' };
const unavailable = { code: 'UNAVAILABLE', details: { service: 'The object store', retryAfterS: 1 } };

let answer: RequestListener;
let asked = 0;
let server: Server;
let store: S3Store;

function storeAt(port: number): S3Store {
  const place = { bucket: 'bucket', prefix: '', region: 'us-east-1', credentials };
  const patience = { connectMs: 300, answerMs: 300, idleMs: 300 };
  return new S3Store({ ...place, endpoint: `http://127.0.0.1:${port}` }, spoolFolder, patience);
}

beforeEach(async () => {
  asked = 0;
  server = createServer((request, response) => {
    asked += 1;
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  store = storeAt((server.address() as AddressInfo).port);
});

afterEach(() => {
  store.close();
  server.closeAllConnections();
  server.close();
});

describe('an S3 that', () => {
  test('is not running gives UNAVAILABLE for every operation', async () => {
    const { port } = server.address() as AddressInfo;
    server.close();
    const name = '0'.repeat(36);
    const tries: (() => Promise<unknown>)[] = [
      () => store.put('x'),
      () => store.open(sha256),
      () => store.read(sha256),
      () => store.size(sha256),
      () => store.remove(sha256),
      () => store.list(),
      () => store.leave(name, content),
      () => store.take(name),
      () => store.drop(name),
      () => store.sweep(Date.now()),
    ];
    for (const attempt of tries) await expect(attempt()).rejects.toMatchObject(unavailable);
    const error = (await store.read(sha256).catch((thrown: unknown) => thrown)) as Error;
    expect((error.cause as Error).message).toContain(
      `GetObject of s3://bucket at http://127.0.0.1:${port} failed: `,
    );
  });

  test('does not answer is given up after three tries', async () => {
    answer = () => {};
    await expect(store.read(sha256)).rejects.toMatchObject(unavailable);
    expect(asked).toBe(6); // Reading a whole content is tried once more.
    asked = 0;
    await expect(store.put(content)).rejects.toMatchObject(unavailable);
    expect(asked).toBe(3);
    expect(readdirSync(spoolFolder)).toEqual([]);
  });

  test('breaks off in the middle of a content fails its stream, and gets a second request for a whole content', async () => {
    let broken = 1;
    answer = (_request, response) => {
      response.writeHead(200, { 'content-length': content.length });
      response.write(content.subarray(0, 60_000));
      if (broken-- > 0) setTimeout(() => response.destroy(), 20);
      else response.end(content.subarray(60_000));
    };
    await expect(buffer(await store.open(sha256))).rejects.toMatchObject(unavailable);
    broken = 1;
    expect((await store.read(sha256)).equals(content)).toBe(true);
  });

  test('stops sending in the middle of a content fails its stream', async () => {
    answer = (_request, response) => {
      response.writeHead(200, { 'content-length': content.length });
      response.write(content.subarray(0, 60_000));
    };
    await expect(buffer(await store.open(sha256))).rejects.toMatchObject(unavailable);
  });

  test('sends to a reader that pauses does not fail', async () => {
    answer = (_request, response) => {
      response.writeHead(200, { 'content-length': content.length * 40 });
      for (let time = 0; time < 40; time++) response.write(content);
      response.end();
    };
    const stream = await store.open(sha256);
    let bytes = 0;
    for await (const chunk of stream) {
      if (bytes === 0) await new Promise((resolve) => setTimeout(resolve, 700));
      bytes += (chunk as Buffer).length;
    }
    expect(bytes).toBe(content.length * 40);
  });

  test('sends other bytes than were stored gives PAYLOAD_MISSING', async () => {
    answer = (_request, response) => void response.end(Buffer.alloc(100_000, 'y'));
    await expect(store.read(sha256)).rejects.toMatchObject({ code: 'PAYLOAD_MISSING' });
  });

  test('refuses is reported with its reason, and without a key', async () => {
    answer = (_request, response) => {
      response.writeHead(403, { 'content-type': 'application/xml' });
      response.end(
        `<Error><Code>SignatureDoesNotMatch</Code><Message>Check your key.</Message><AWSAccessKeyId>${credentials.accessKeyId}</AWSAccessKeyId></Error>`,
      );
    };
    const error = (await store.read(sha256).catch((thrown: unknown) => thrown)) as Error;
    expect(error).toMatchObject(unavailable);
    expect((error.cause as Error).message).toMatch(/403 SignatureDoesNotMatch: Check your key\.$/);
    const shown = `${JSON.stringify(error)} ${JSON.stringify(error.cause)} ${String((error.cause as Error).stack)}`;
    expect(shown).not.toContain(credentials.accessKeyId);
    expect(shown).not.toContain(credentials.secretAccessKey);
  });
});

test('a spool folder that does not exist gives UNAVAILABLE', async () => {
  rmSync(spoolFolder, { recursive: true });
  await expect(store.put('x')).rejects.toMatchObject(unavailable);
});
