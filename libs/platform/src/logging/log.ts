import { errorEntry } from '@causeway/contracts';
import { isCausewayError, maskKeys } from '@causeway/dag';
import { type Logger, pino } from 'pino';
import { currentContext } from '../context/context.js';
import type { LogLevel } from '../settings/platform-settings.js';
import { errorFields } from './error-fields.js';
import { LogOutput } from './log-output.js';
import { redact } from './redact.js';

/**
 * Fields of a line. `error` may be any thrown value. Values under secret-looking names are replaced, and so is, in every text, what looks
 * like a key and each secret of the context.
 */
export type LogFields = Readonly<Record<string, unknown>>;

type Write = (fields: LogFields, event: string) => void;

/** The process's log: JSON lines on stdout with ECS names, ids from the context. */
export interface Log {
  readonly trace: Write;
  readonly debug: Write;
  readonly info: Write;
  readonly warn: Write;
  readonly error: Write;
  readonly fatal: Write;
  /** Logs a failure at the level of its error code; at `error` when the code is not registered. */
  failure(error: unknown, event: string, fields?: LogFields): void;
  /** Can be changed while the process runs. */
  level: LogLevel;
}

/** The process that writes the lines. */
export interface LogIdentity {
  readonly name: string;
  readonly version: string;
  readonly environment: string;
}

const stdout = new LogOutput(1, (lines) => log.warn({ lines }, 'log lines dropped'));
process.on('exit', flushLog);
const taps = new Set<(line: string) => void>();
const output = {
  write(text: string): void {
    stdout.write(text);
    for (const tap of taps) tap(text);
  },
};
let logger = makeLogger({ name: 'unnamed', version: '0', environment: 'development' }, 'info');

function makeLogger(identity: LogIdentity, level: LogLevel): Logger {
  return pino(
    {
      level,
      messageKey: 'message',
      base: {
        'ecs.version': '9.0.0',
        'service.name': identity.name,
        'service.version': identity.version,
        'service.environment': identity.environment,
        'process.pid': process.pid,
      },
      timestamp: () => `,"@timestamp":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ 'log.level': label }) },
    },
    output,
  );
}

/** Sets the process's name and its log level. @internal */
export function startLog(identity: LogIdentity, level: LogLevel): void {
  logger = makeLogger(identity, level);
}

/** Calls `tap` with every line that this process logs, as JSON text. The returned function ends it. A tap must neither throw nor log. */
export function tapLog(tap: (line: string) => void): () => void {
  taps.add(tap);
  return () => taps.delete(tap);
}

/** Writes out what is still in memory; for the end of a process. @internal */
export function flushLog(): void {
  stdout.flushSync();
}

/** Number of lines that could not be written, for example on a full disk. @internal */
export function countDroppedLines(): number {
  return stdout.dropped;
}

function line(fields: LogFields, event: string): Record<string, unknown> {
  const { error, ...others } = fields;
  const {
    traceparent,
    mask = maskKeys,
    deadline: _deadline,
    principal: _principal,
    ...ids
  } = currentContext();
  return {
    'event.action': event.replaceAll(' ', '.'),
    ...(traceparent === undefined
      ? {}
      : { 'trace.id': traceparent.slice(3, 35), 'span.id': traceparent.slice(36, 52) }),
    ...('error' in fields ? errorFields(error, mask) : {}),
    labels: { ...ids, ...(redact(others, mask) as object) },
  };
}

function writer(level: Exclude<LogLevel, 'silent'>): Write {
  return (fields, event) => {
    if (logger.isLevelEnabled(level)) logger[level](line(fields, event), event);
  };
}

export const log: Log = {
  trace: writer('trace'),
  debug: writer('debug'),
  info: writer('info'),
  warn: writer('warn'),
  error: writer('error'),
  fatal: writer('fatal'),
  failure(error, event, fields = {}) {
    const level = isCausewayError(error) ? errorEntry(error.code).level : 'error';
    log[level]({ ...fields, error }, event);
  },
  get level() {
    return logger.level as LogLevel;
  },
  set level(level) {
    logger.level = level;
  },
};
