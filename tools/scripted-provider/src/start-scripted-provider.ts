import { randomBytes } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { answerEmbeddings } from './answer-embeddings.js';
import { CallLog } from './calls/call-log.js';
import type { CallRecord } from './calls/call-record.js';
import { LogFile } from './calls/log-file.js';
import { answerChat } from './chat/answer-chat.js';
import { answerControl } from './http/control.js';
import { Exchange } from './http/exchange.js';
import { readBody } from './http/read-body.js';
import { Refusal } from './http/refusal.js';
import { parseScript, type ScriptInput } from './script/script.js';
import { ScriptPlayer } from './script/script-player.js';

const MODELS = ['scripted', 'scripted-embedding'];
const ENDPOINTS = ['/chat/completions', '/embeddings', '/models'];
/** Longer than any client keeps an idle connection, so that none is closed while a request is being sent. */
const KEEP_ALIVE_MS = 10 * 60_000;

export interface ScriptedProviderOptions {
  /** @default 0, a free port */
  readonly port?: number;
  /** @default '127.0.0.1' */
  readonly host?: string;
  /** Without one, every call gets the default answer. */
  readonly script?: ScriptInput;
  /** Gets one line of JSON for every finished call. */
  readonly logFile?: string;
}

/** A running provider. */
export interface ScriptedProvider {
  /** `http://host:port`, without `/v1`; clients may use it with or without. */
  readonly url: string;
  readonly port: number;
  /** The calls received, oldest first; with `since`, those of a higher sequence number. */
  calls(since?: number): CallRecord[];
  /** Drops the calls; sequence numbers continue. */
  clear(): void;
  /** Plays another script from its beginning. @throws ScriptError; then the old one stays */
  setScript(script: ScriptInput): void;
  /** Stops at once: open sockets are closed, and answers under way are not finished. */
  close(): Promise<void>;
}

/**
 * Starts a model provider with OpenAI's protocol that answers by its script.
 *
 * @throws ScriptError that names the path of every problem; the system's error when the port or the log file can't be opened
 */
export async function startScriptedProvider(
  options: ScriptedProviderOptions = {},
): Promise<ScriptedProvider> {
  const { port = 0, host = '127.0.0.1', script = { rules: [] }, logFile } = options;
  let player = new ScriptPlayer(parseScript(script));
  const file = logFile === undefined ? undefined : new LogFile(logFile);
  const log = new CallLog(file === undefined ? undefined : (record) => file.append(record));
  const idPrefix = randomBytes(5).toString('hex');
  let isStopping = false;

  const setScript = (next: unknown): void => {
    player = new ScriptPlayer(parseScript(next));
  };
  const controlled = { log, setScript, ruleCount: () => player.size };

  const answer = (exchange: Exchange, method: string, path: string, body: string): void | Promise<void> => {
    if (method === 'POST' && path === '/chat/completions')
      return answerChat(exchange, body, player, idPrefix);
    if (method === 'POST' && path === '/embeddings') return answerEmbeddings(exchange, body, player);
    if (method === 'GET' && path === '/models') return exchange.end(200, modelsBody());
    const isKnown = ENDPOINTS.includes(path);
    const message = isKnown
      ? `Not allowed to ${method} on ${path}.`
      : `Unknown request URL: ${method} ${path}. Known are ${ENDPOINTS.join(', ')}, with or without /v1.`;
    throw new Refusal(isKnown ? 405 : 404, message, null, isKnown ? null : 'unknown_url');
  };

  const server = createServer((request, response) => {
    const arrivedAtMs = Date.now();
    const path = pathOf(request.url ?? '/');
    if (path.startsWith('/_scripted/')) return answerControl(controlled, path, request, response);
    readBody(request, (read, bodyBytes) => {
      const body = read instanceof Refusal ? '' : read;
      const { headers, method = 'GET', url = '/' } = request;
      const call = log.open({ arrivedAtMs, path: withoutQuery(url), headers, body, bodyBytes });
      const exchange = new Exchange(response, call, log, () => isStopping);
      try {
        if (read instanceof Refusal) throw read;
        answer(exchange, method, path, body)?.catch((error: unknown) => fail(exchange, response, error));
      } catch (error) {
        fail(exchange, response, error);
      }
    });
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  // A server that listens on a port has an address of this kind.
  const address = server.address() as AddressInfo;

  return {
    url: `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`,
    port: address.port,
    calls: (since) => log.list(since),
    clear: () => log.clear(),
    setScript,
    close: async () => {
      isStopping = true;
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      // A response is notified of its socket's end a little after the server.
      while (log.runningCount > 0) await setImmediate();
      await file?.flush();
    },
  };
}

function fail(exchange: Exchange, response: ServerResponse, error: unknown): void {
  if (response.headersSent) return exchange.hangUp();
  const message = error instanceof Error ? error.message : String(error);
  exchange.refuse(
    error instanceof Refusal ? error : new Refusal(500, `The scripted provider failed: ${message}`),
  );
}

function pathOf(url: string): string {
  const path = withoutQuery(url);
  return path.startsWith('/v1/') ? path.slice('/v1'.length) : path;
}

function withoutQuery(url: string): string {
  const at = url.indexOf('?');
  return at === -1 ? url : url.slice(0, at);
}

function modelsBody(): string {
  const data = MODELS.map((id) => ({ id, object: 'model', created: 1_700_000_000, owned_by: 'causeway' }));
  return JSON.stringify({ object: 'list', data });
}
