import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { causewayError } from '@causeway/contracts';
import { newId } from '../../context/new-id.js';
import type { RefusalLog } from '../../logging/refusal-log.js';
import { errorAnswer } from '../error-answer.js';
import { pathOfTarget } from '../request-context.js';
import { securityHeaders } from '../security-headers.js';
import { answerUnreadable } from '../unrouted-errors.js';

export interface RedirectOptions {
  readonly host: string;
  readonly port: number;
  /** Port of the HTTPS server. */
  readonly httpsPort: number;
  /** Where callers reach the server; then every request is redirected there. */
  readonly publicUrl?: string | undefined;
  /** Whether the server may be reached under this name, for servers without `publicUrl`. */
  readonly isOwnName: (name: string) => boolean;
  readonly refusals: RefusalLog;
}

/** Plain HTTP that answers every request with a redirect to HTTPS and nothing else. */
export interface RedirectServer {
  readonly port: number;
  close(): Promise<void>;
}

const HOST = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9.-]{1,253}))(?::\d{1,5})?$/i;
const TIMEOUT_MS = 10_000;

/** Starts it. It redirects to no name that a caller has made up: that would help whoever sends somebody a link. */
export async function startRedirectServer(options: RedirectOptions): Promise<RedirectServer> {
  const server = createServer(
    { headersTimeout: TIMEOUT_MS, requestTimeout: TIMEOUT_MS, requireHostHeader: false },
    (request, response) => answer(request, response, options),
  );
  server.on('clientError', answerUnreadable(options.refusals));
  server.listen(options.port, options.host);
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, close: () => close(server) };
}

function answer(request: IncomingMessage, response: ServerResponse, options: RedirectOptions): void {
  const requestId = newId();
  const target = pathOfTarget(request.url ?? '/');
  const path = target.split('?', 1)[0] ?? '';
  const origin = originOf(request, options);
  // A body is not read, and must not be taken for the next request.
  const headers = { ...securityHeaders, 'x-request-id': requestId, connection: 'close' };
  if (origin !== undefined && target.startsWith('/')) {
    response.writeHead(308, { ...headers, location: origin + target, 'content-length': 0 }).end();
    return;
  }
  const problems =
    origin === undefined
      ? 'headers.host: it is no name of this server; use https, under a name of its certificate'
      : 'path: it does not begin with a slash';
  const refusal = causewayError('REQUEST_INVALID', { problems, status: 400 });
  options.refusals.note(refusal, { method: request.method ?? '', path, route: 'redirect', status: 400 });
  const { status, contentType, body } = errorAnswer(refusal, path, requestId);
  response.writeHead(status, {
    ...headers,
    'content-type': contentType,
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}

/** The origin to redirect to; undefined for a host that is not this server. */
function originOf({ headers, rawHeaders }: IncomingMessage, options: RedirectOptions): string | undefined {
  if (options.publicUrl !== undefined) return new URL(options.publicUrl).origin;
  const hosts = rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host');
  const [, six, name = six] = HOST.exec(headers.host ?? '') ?? [];
  if (hosts.length !== 1 || name === undefined || !options.isOwnName(name)) return undefined;
  const port = options.httpsPort === 443 ? '' : `:${options.httpsPort}`;
  return `https://${six === undefined ? name.toLowerCase() : `[${six}]`}${port}`;
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
