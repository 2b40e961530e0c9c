import { errorEntry } from '@causeway/contracts';
import type { CausewayError } from '@causeway/dag';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Observable, throwError } from 'rxjs';
import { currentContext, withContext } from '../context/context.js';
import type { RefusalLog } from '../logging/refusal-log.js';
import { errorAnswer } from './error-answer.js';
import { httpError } from './http-error.js';
import type { ErrorListener, ErrorPage } from './http-options.js';
import { contextOf } from './request-context.js';

const notNow: ReadonlySet<number> = new Set([429, 503, 504]);
/** Retry-After of errors that set none. */
const RETRY_AFTER_S = 1;

/**
 * Turns errors of handlers into answers. The error of a message handler is passed to the transport unchanged. On Langflow's paths an
 * HTTP error is `{detail, code, request_id}`, with `run_id` when there is a run; on all others a problem document (RFC 9457).
 */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  readonly #bodyLimitBytes: number;
  readonly #bodyLimitName: string;
  readonly #listener: ErrorListener | undefined;
  readonly #refusals: RefusalLog;

  readonly #page: ErrorPage | undefined;

  constructor(
    bodyLimitBytes: number,
    bodyLimitName: string,
    refusals: RefusalLog,
    { listener, page }: { listener?: ErrorListener | undefined; page?: ErrorPage | undefined } = {},
  ) {
    this.#page = page;
    this.#bodyLimitBytes = bodyLimitBytes;
    this.#bodyLimitName = bodyLimitName;
    this.#refusals = refusals;
    this.#listener = listener;
  }

  catch(thrown: unknown, host: ArgumentsHost): Observable<never> | void {
    if (host.getType() !== 'http') return throwError(() => thrown);
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const context = contextOf(request) ?? currentContext();
    withContext(context, () => this.#answer(thrown, request, reply));
  }

  #answer(thrown: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const { requestId = '', runId } = currentContext();
    const path = request.url.split('?', 1)[0] ?? '';
    const { bodyLimit, config } = request.routeOptions;
    const limits = {
      bodyLimitBytes: bodyLimit ?? this.#bodyLimitBytes,
      bodyLimitName: config?.bodyLimitName ?? this.#bodyLimitName,
    };
    const isAborted = request.raw.destroyed && !request.raw.readableEnded;
    const failed = { method: request.method, path, isAborted, ...limits };
    const error = httpError(asThrown(thrown), failed, requestId);
    const { runId: run = runId } = error.details as { runId?: string };
    const { status, contentType, body } = errorAnswer(error, path, requestId, run);
    this.#listener?.(error, request);
    const route = request.routeOptions.url ?? 'unknown';
    this.#refusals.note(error, { method: request.method, path, route, status });
    // An answer that has begun, such as a stream, can only be broken off.
    if (reply.raw.headersSent) {
      reply.raw.destroy();
      return;
    }
    const retryAfterS = retryAfter(error, status);
    if (retryAfterS !== undefined) reply.header('retry-after', Math.ceil(retryAfterS));
    if (run !== undefined) reply.header('x-causeway-run-id', run);
    const page = this.#page?.(error, request);
    if (page)
      void reply
        .code(page.status)
        .headers({ ...page.headers })
        .send(page.body);
    else void reply.code(status).header('content-type', contentType).send(body);
  }
}

/** The Retry-After value: the error's own, else a short time when the status means that a later request may succeed. */
function retryAfter(error: CausewayError, status: number): number | undefined {
  const { retryAfterS } = error.details;
  if (typeof retryAfterS === 'number') return retryAfterS;
  return notNow.has(status) && errorEntry(error.code).retry === 'later' ? RETRY_AFTER_S : undefined;
}

/** Nest wraps what its own parts throw, such as an unknown route, into an exception with a status. */
function asThrown(thrown: unknown): unknown {
  if (!(thrown instanceof HttpException)) return thrown;
  const { cause } = thrown;
  if (cause !== undefined && typeof (cause as { code?: unknown }).code === 'string') return cause;
  return Object.assign(new Error(thrown.message, { cause: thrown }), { statusCode: thrown.getStatus() });
}
