import { createHash } from 'node:crypto';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isSameSecret } from '@causeway/contracts';
import { log } from '../logging/log.js';
import { type LogLevel, logLevels } from '../settings/platform-settings.js';
import type { Readiness } from './readiness.js';

export interface InternalServerOptions {
  readonly host: string;
  readonly port: number;
  /** The token that a change needs; without one nothing can be changed here. */
  readonly token: string | undefined;
  readonly readiness: () => Promise<Readiness>;
  readonly scrape: () => Promise<string>;
}

/** The server of the internal port, which is for the installation itself and never for users. */
export interface InternalServer {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Serves /health (the event loop responds), /ready, /metrics, and PUT /log-level with the level as its body. Reading needs no token,
 * because monitoring reads it and nothing there is secret; a change needs the token, because every user of the machine can reach the port.
 */
export async function startInternalServer(options: InternalServerOptions): Promise<InternalServer> {
  const server = createServer((request, response) => {
    route(request, response, options).catch((error: unknown) => {
      log.warn({ error, path: request.url }, 'internal request failed');
      if (!response.headersSent) send(response, 500, 'text/plain', 'failed\n');
    });
  });
  await listen(server, options);
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function route(
  request: IncomingMessage,
  response: ServerResponse,
  { readiness, scrape, token }: InternalServerOptions,
): Promise<void> {
  switch (`${request.method} ${request.url}`) {
    case 'GET /health':
      return send(response, 200, 'application/json', '{"status":"ok"}\n');
    case 'GET /ready': {
      const answer = await readiness();
      return send(response, answer.ready ? 200 : 503, 'application/json', `${JSON.stringify(answer)}\n`);
    }
    case 'GET /metrics':
      return send(response, 200, 'text/plain; version=0.0.4; charset=utf-8', await scrape());
    case 'PUT /log-level':
      if (!isToken(request.headers.authorization, token))
        return send(
          response,
          403,
          'text/plain',
          'needs Authorization: Bearer and the CAUSEWAY_INTERNAL_TOKEN of this service\n',
        );
      return setLevel(request, response);
    default:
      return send(response, 404, 'text/plain', 'GET /health, /ready, /metrics; PUT /log-level\n');
  }
}

function isToken(header: string | undefined, token: string | undefined): boolean {
  if (token === undefined || header === undefined) return false;
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return isSameSecret(digest(header), digest(`Bearer ${token}`));
}

async function setLevel(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let body = '';
  for await (const chunk of request) if (body.length < 100) body += String(chunk);
  const level = body.trim() as LogLevel;
  if (!logLevels.includes(level))
    return send(response, 400, 'text/plain', `one of ${logLevels.join(', ')}\n`);
  log.level = level;
  log.warn({ level }, 'log level changed');
  return send(response, 200, 'text/plain', `${level}\n`);
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

function listen(server: Server, { host, port }: InternalServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve());
  });
}
