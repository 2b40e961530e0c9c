import { type IncomingHttpHeaders, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as a provider received it. */
export interface WireRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Record<string, unknown>;
}

/** A small server that answers as a test says, and keeps its requests. */
export interface WireServer {
  readonly url: string;
  readonly requests: WireRequest[];
  /** How many connections were opened. */
  readonly connections: () => number;
  /** How many connections were closed by the client before the answer's end. */
  readonly closedByClient: () => number;
  /** Answers the next requests. */
  answer: (request: WireRequest, response: ServerResponse) => void;
  close(): Promise<void>;
}

export async function startWireServer(): Promise<WireServer> {
  const requests: WireRequest[] = [];
  let closed = 0;
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8');
    request.on('data', (part: string) => (text += part));
    request.on('end', () => {
      const { url = '/', headers } = request;
      const received = { path: url, headers, body: JSON.parse(text) as Record<string, unknown> };
      requests.push(received);
      response.on('close', () => (closed += response.writableFinished ? 0 : 1));
      wire.answer(received, response);
    });
  });
  let connections = 0;
  server.on('connection', () => (connections += 1));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const wire: WireServer = {
    url: `http://127.0.0.1:${port}`,
    requests,
    connections: () => connections,
    closedByClient: () => closed,
    answer: (_request, response) => response.writeHead(501).end(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return wire;
}

/** Answers with JSON. */
export function sendJson(
  response: ServerResponse,
  body: unknown,
  status = 200,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

/** Answers with server-sent events; only Anthropic's have `event` names. */
export function sendEvents(
  response: ServerResponse,
  events: readonly { event?: string; data: unknown }[],
): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const { event, data } of events) {
    response.write(`${event === undefined ? '' : `event: ${event}\n`}data: ${JSON.stringify(data)}\n\n`);
  }
  response.end();
}
