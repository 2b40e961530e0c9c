import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { afterAll } from 'vitest';
import type { Seen } from './places.js';

/** A collector of traces. */
export interface Collector {
  readonly url: string;
  /** What it was sent, as it came. */
  readonly seen: readonly Seen[];
}

/** Starts a collector of traces by OTLP over HTTP. Call it at a file's top level. */
export async function startCollector(): Promise<Collector> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    void buffer(request).then((text) => {
      seen.push({ where: request.url ?? '', text });
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}
