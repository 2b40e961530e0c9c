import type { IncomingMessage, ServerResponse } from 'node:http';
import { CALL_LOG_LIMITS, type CallLog } from '../calls/call-log.js';
import { ScriptError } from '../script/script.js';
import { JSON_TYPE } from './exchange.js';
import { parseJsonBody, readBody } from './read-body.js';
import { Refusal } from './refusal.js';

/** The objects that the control endpoints use. */
export interface Controlled {
  readonly log: CallLog;
  readonly ruleCount: () => number;
  /** @throws ScriptError when it can't be played */
  readonly setScript: (script: unknown) => void;
}

/** Answers `/_scripted/…`: the calls, the script and the health of the provider. These requests are not in the log of calls. */
export function answerControl(
  { log, ruleCount, setScript }: Controlled,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  switch (`${request.method} ${path}`) {
    case 'GET /_scripted/health':
      return send(response, 200, { status: 'ok', calls: log.size, rules: ruleCount() });
    case 'GET /_scripted/calls':
      return sendCalls(log, request, response);
    case 'DELETE /_scripted/calls':
      log.clear();
      return send(response, 200, { calls: log.size });
    case 'PUT /_scripted/script':
      return readBody(request, (body) => {
        try {
          if (body instanceof Refusal) throw body;
          setScript(parseJsonBody(body));
          send(response, 200, { rules: ruleCount() });
        } catch (error) {
          sendProblem(response, error);
        }
      });
    default:
      send(response, 404, {
        error: {
          message: `There is no ${request.method} ${path}. There are GET and DELETE /_scripted/calls, PUT /_scripted/script and GET /_scripted/health.`,
        },
      });
  }
}

function sendCalls(log: CallLog, request: IncomingMessage, response: ServerResponse): void {
  const since = new URL(request.url ?? '/', 'http://provider').searchParams.get('since') ?? '0';
  if (!/^\d{1,15}$/.test(since)) {
    const message = `since must be the sequence number of a call, not "${since}".`;
    return send(response, 400, { error: { message } });
  }
  send(response, 200, { calls: log.list(Number(since)), limits: CALL_LOG_LIMITS });
}

function sendProblem(response: ServerResponse, error: unknown): void {
  if (error instanceof Refusal) return send(response, error.status, { error: { message: error.message } });
  if (!(error instanceof ScriptError)) throw error;
  send(response, 400, { error: { message: error.message, problems: error.problems } });
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': JSON_TYPE });
  response.end(JSON.stringify(body));
}
