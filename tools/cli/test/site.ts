import { once } from 'node:events';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Api } from '../src/api.js';

/** A server with the answers that a test needs, and the requests that it received. */
export interface Site {
  readonly api: Api;
  readonly url: string;
  /** Method and path of each request. */
  readonly asked: string[];
  close(): void;
}

/** @param answers  by method and path without query; anything else is a 404 */
export async function openSite(
  answers: Readonly<Record<string, (response: ServerResponse, request: IncomingMessage) => void>>,
): Promise<Site> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const name = `${request.method} ${request.url?.split('?')[0]}`;
    asked.push(name);
    const answer = answers[name];
    if (answer) answer(response, request);
    else refuse(response, 404, 'NOT_FOUND', `nothing at ${name}`);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  const url = `http://127.0.0.1:${port}`;
  return { api: new Api({ url, apiKey: 'key' }), url, asked, close };
}

/** An answer like the gateway's refusals. */
export function refuse(response: ServerResponse, status: number, code: string, detail: string): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ detail, code, request_id: 'r' }));
}
