import { causewayError } from '@causeway/contracts';
import { CausewayError, isCausewayError, shortMasked } from '@causeway/dag';
import { unavailableDatabase } from '../database/connection-errors.js';

/** A longer path is cut in the error that tells that there is no such route. */
const MOST_PATH_CHARACTERS = 2_000;

/** The parts of a failed request that an error's text may need. */
export interface FailedRequest {
  readonly method: string;
  readonly path: string;
  /** The caller has closed the connection before its body was complete. */
  readonly isAborted: boolean;
  readonly bodyLimitBytes: number;
  readonly bodyLimitName: string;
}

/** Converts any thrown value to an error with a registered code. Errors of Fastify and Nest have their own codes. */
export function httpError(thrown: unknown, request: FailedRequest, requestId: string): CausewayError {
  if (isCausewayError(thrown)) return thrown;
  const unavailable = unavailableDatabase(thrown);
  if (unavailable) return unavailable;
  const { code, statusCode, message, status } = thrown as {
    code?: string;
    statusCode?: number;
    status?: number;
    message?: string;
  };
  const problem = message ?? '';
  // Who reads a body that breaks off gets one of these, or the other.
  const isAborted = code === 'ECONNRESET' && problem === 'aborted';
  if (isAborted || (request.isAborted && code === 'ERR_STREAM_PREMATURE_CLOSE'))
    return causewayError('REQUEST_INVALID', { problems: 'body: the body ended before it was complete' });
  const { method, path, bodyLimitBytes: limitBytes, bodyLimitName: limitName } = request;
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE')
    return causewayError('BODY_TOO_LARGE', { limitBytes, limitName });
  if (code === 'FST_ERR_CTP_EMPTY_JSON_BODY')
    return causewayError('BODY_EMPTY', { expected: 'a JSON object' });
  if (code === 'FST_ERR_CTP_INVALID_JSON_BODY' || thrown instanceof SyntaxError) {
    return causewayError('REQUEST_NOT_JSON', { problem: problem.replace(/\.$/, '') });
  }
  const answered = statusCode ?? status ?? 500;
  if (answered === 404) return routeUnknown(method, path);
  if (answered >= 400 && answered < 500)
    return causewayError('REQUEST_INVALID', { problems: problem, status: answered });
  return causewayError('INTERNAL', { requestId }, { cause: thrown });
}

/**
 * There is no such route. What looks like a key is not repeated: somebody may have added something to the address of a webhook, or sent a key
 * in the place of an id, and programs log the answers that they get.
 *
 * @param path  without its query
 */
export function routeUnknown(method: string, path: string): CausewayError {
  return causewayError('ROUTE_UNKNOWN', { method, path: shortMasked(path, MOST_PATH_CHARACTERS) });
}
