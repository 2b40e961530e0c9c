import { causewayError } from '@causeway/contracts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Context, enterContext } from '../context/context.js';
import { newId } from '../context/new-id.js';
import { log } from '../logging/log.js';
import { counter, gauge, histogram } from '../telemetry/metrics.js';
import { type OpenSpan, isTracing, openSpan } from '../telemetry/span.js';
import { newTraceparent, parseTraceparent } from '../telemetry/traceparent.js';
import { securityHeaders, strictTransport } from './security-headers.js';

export interface RequestContextOptions {
  /** Share of requests that are traced, from 0 to 1. */
  readonly traceRatio: number;
  /** Whether a caller's `traceparent` is used. */
  readonly trustTraceparent: boolean;
  /** Name of the service, for the refusal of requests while it stops. */
  readonly service: string;
  /** Whether it stops and takes no new requests. */
  readonly isStopping: () => boolean;
}

interface Entered {
  readonly context: { -readonly [K in keyof Context]: Context[K] };
  readonly span: OpenSpan | undefined;
}

const answered = counter('causeway_requests_total', 'HTTP requests answered, by class of status.');
const duration = histogram('causeway_request_duration_seconds', 'Time to answer an HTTP request.');
/** The status of a request whose caller left before the answer began, as in nginx; it is never sent. */
const CALLER_LEFT = 499;
let inFlight = 0;
gauge('causeway_requests_in_flight', 'HTTP requests in progress.', () => inFlight);

const entered = new WeakMap<FastifyRequest, Entered>();

/** The context of a request, also in code that runs outside that context. */
export function contextOf(request: FastifyRequest): Context | undefined {
  return entered.get(request)?.context;
}

/**
 * The path of a request's target: a client that takes this server for a proxy sends the whole address. It is made once, before the route is
 * found, so that all later code has one form. Source: RFC 9112, 3.2.2.
 */
export function pathOfTarget(target: string): string {
  if (target.startsWith('/')) return target;
  const [origin = ''] = /^https?:\/\/[^/?#]*/i.exec(target) ?? [];
  if (origin === '') return target;
  const rest = target.slice(origin.length);
  return rest.startsWith('/') ? rest : `/${rest}`;
}

/** Gives every request a context, ids in its answer and, when it is traced, a span; and counts it. */
export function addRequestContext(fastify: FastifyInstance, options: RequestContextOptions): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    inFlight += 1;
    const made = enter(request, options);
    entered.set(request, made);
    // Not Fastify's `onResponse`, which is not called when the caller leaves before the end of the answer.
    reply.raw.once('close', () => leave(request, reply));
    reply.header('x-request-id', made.context.requestId).headers(securityHeaders);
    const strict = strictTransport(request.protocol, request.headers.host);
    if (strict !== undefined) reply.header('strict-transport-security', strict);
    enterContext(made.context, () => done(stopProblem(reply, options) ?? hostProblem(request)));
  });
  // A body arrives through events of the socket, which do not have the request's context.
  fastify.addHook('preValidation', (request, _reply, done) => {
    const made = entered.get(request);
    if (made) enterContext(made.context, done);
    else done();
  });
  fastify.addHook('onSend', (request, reply, _payload, done) => {
    const { runId } = entered.get(request)?.context ?? {};
    if (runId !== undefined && !reply.hasHeader('x-causeway-run-id')) {
      reply.header('x-causeway-run-id', runId);
    }
    done();
  });
}

/** Refuses a request on a connection that is still open while the service stops: another one may answer it. */
function stopProblem(reply: FastifyReply, { service, isStopping }: RequestContextOptions): Error | undefined {
  if (!isStopping()) return undefined;
  reply.header('connection', 'close');
  return causewayError('UNAVAILABLE', { service, retryAfterS: 1 });
}

/** Refuses a request with two Host headers: a proxy and this server could use different ones, which attackers exploit; and one without. Source: RFC 9112, 3.2. */
function hostProblem({ raw }: FastifyRequest): Error | undefined {
  let hosts = 0;
  for (let at = 0; at < raw.rawHeaders.length; at += 2)
    if (raw.rawHeaders[at]?.toLowerCase() === 'host') hosts++;
  if (hosts === 1 || (hosts === 0 && raw.httpVersion === '1.0')) return undefined;
  if (hosts === 0) return causewayError('REQUEST_INVALID', { problems: 'headers.host: it is missing' });
  return causewayError('REQUEST_INVALID', { problems: `headers.host: given ${hosts} times; send it once` });
}

function enter(request: FastifyRequest, options: RequestContextOptions): Entered {
  const { traceparent: given, 'x-request-id': requestId } = request.headers;
  const trusted = options.trustTraceparent && typeof given === 'string' ? parseTraceparent(given) : undefined;
  const parent = trusted ?? newTraceparent(isTracing() && Math.random() < options.traceRatio);
  const { method } = request;
  const route = request.routeOptions.url ?? 'unknown';
  const attributes = { 'http.request.method': method, 'http.route': route, 'url.scheme': request.protocol };
  const span = openSpan(`${method} ${route}`, attributes, parent, { kind: 'server' });
  const usable = typeof requestId === 'string' && /^[\w.:-]{1,128}$/.test(requestId);
  return {
    context: { requestId: usable ? requestId : newId(), traceparent: span?.traceparent ?? parent },
    span,
  };
}

function leave(request: FastifyRequest, reply: FastifyReply): void {
  inFlight -= 1;
  const made = entered.get(request);
  const route = request.routeOptions.url ?? 'unknown';
  const { method } = request;
  const statusCode = reply.raw.headersSent ? reply.statusCode : CALLER_LEFT;
  answered.add(1, { route, method, status: `${Math.floor(statusCode / 100)}xx` });
  duration.record(reply.elapsedTime / 1000, { route, method });
  made?.span?.span.setAttribute('http.response.status_code', statusCode);
  made?.span?.end(statusCode >= 500 ? new Error(String(statusCode)) : undefined);
  if (made) {
    enterContext(made.context, () =>
      log.debug(
        { route, method, status: statusCode, durationMs: Math.round(reply.elapsedTime) },
        'request answered',
      ),
    );
  }
}
