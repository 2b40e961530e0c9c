import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll } from 'vitest';

/** A web site on loopback, with pages for flows to fetch and pages with a chat widget. */
export interface Site {
  /** Its origin: `http://127.0.0.1:port`. */
  readonly url: string;
  /** Requested paths, oldest first. */
  readonly requests: readonly string[];
}

/** Starts a site and closes it after the file. By default every path is a small page about itself. */
export async function startSite(
  answer: (request: IncomingMessage, response: ServerResponse) => void = aPage,
): Promise<Site> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url ?? '/');
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

function aPage(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('content-type', 'text/html; charset=utf-8');
  response.end(`<!doctype html><title>Page</title><p>This is the page at ${request.url}.</p>`);
}
