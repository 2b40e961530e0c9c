import { type IncomingMessage, type ServerResponse, maxHeaderSize } from 'node:http';
import type { Socket } from 'node:net';
import { causewayError } from '@causeway/contracts';
import { shortMasked } from '@causeway/dag';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { newId } from '../context/new-id.js';
import type { RefusalLog } from '../logging/refusal-log.js';
import { errorAnswer } from './error-answer.js';
import { securityHeaders } from './security-headers.js';

/** For each error of Node's parser: the status, its name and the problem. */
const parserProblems: Readonly<Record<string, readonly [status: number, reason: string, problem: string]>> = {
  HPE_HEADER_OVERFLOW: [
    431,
    'Request Header Fields Too Large',
    `its request line and headers together are larger than ${maxHeaderSize} bytes, the limit of Node’s option --max-http-header-size`,
  ],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'Payload Too Large', 'the chunk extensions are larger than the limit'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout', 'the headers did not arrive in time'],
};
const malformed = [400, 'Bad Request', 'it is not HTTP'] as const;

/** Answers a request whose path cannot be decoded, which no route or hook receives. */
export function answerBadPath(refusals: RefusalLog) {
  return (error: Error & { statusCode?: number }, request: FastifyRequest, reply: FastifyReply): void => {
    const problem = { problems: `path: ${shortMasked(error.message, 500)}`, status: error.statusCode ?? 400 };
    refuse(refusals, request, reply.raw, problem);
  };
}

/** Answers a request that expects of the server what it does not do, such as `Expect: nothing`. Source: RFC 9110, 10.1.1. */
export function answerExpectation(refusals: RefusalLog) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    const problems = `headers.expect: only 100-continue can be expected, not ${shortMasked(String(request.headers.expect), 100)}`;
    // The body, which nobody reads, must not be taken for the next request.
    response.setHeader('connection', 'close');
    refuse(refusals, request, response, { problems, status: 417 });
  };
}

function refuse(
  refusals: RefusalLog,
  { method = '', url = '' }: Pick<IncomingMessage, 'method' | 'url'>,
  response: ServerResponse,
  problem: { problems: string; status: number },
): void {
  const requestId = newId();
  const path = url.split('?', 1)[0] ?? '';
  const refusal = causewayError('REQUEST_INVALID', problem);
  const { status, contentType, body } = errorAnswer(refusal, path, requestId);
  refusals.note(refusal, { method, path, route: 'unknown', status });
  response.writeHead(status, {
    ...securityHeaders,
    'content-type': contentType,
    'content-length': Buffer.byteLength(body),
    'x-request-id': requestId,
  });
  response.end(body);
}

/** Answers data that is not an HTTP request, and ends its connection. */
export function answerUnreadable(refusals: RefusalLog) {
  return (error: Error & { code?: string }, socket: Socket): void => {
    // A caller who has disconnected gets no answer.
    if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable)
      return void socket.destroy(error);
    // Without a handshake there is no way to answer; a scanner causes many of these.
    if (/^ERR_(SSL|TLS)_|^EPROTO$/.test(error.code ?? '')) return void socket.destroy();
    const [status, reason, problem] = parserProblems[error.code ?? ''] ?? malformed;
    const requestId = newId();
    const refusal = causewayError('REQUEST_INVALID', {
      problems: `The request is not readable: ${problem}.`,
      status,
    });
    refusals.note(refusal, { method: 'unknown', path: '', route: `unreadable ${error.code}`, status });
    const { body, contentType } = errorAnswer(refusal, '', requestId);
    const head = [
      `HTTP/1.1 ${status} ${reason}`,
      'connection: close',
      `content-type: ${contentType}`,
      `content-length: ${Buffer.byteLength(body)}`,
      `x-request-id: ${requestId}`,
      ...Object.entries(securityHeaders).map(([name, value]) => `${name}: ${value}`),
    ];
    socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  };
}
