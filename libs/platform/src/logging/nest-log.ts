import type { LoggerService } from '@nestjs/common';
import { log } from './log.js';

/** Writes Nest's own lines to the log: its steps at the level debug, its warnings and errors at their own levels. */
export const nestLog: LoggerService = {
  log: (message: unknown, ...rest: unknown[]) => write('debug', message, rest),
  debug: (message: unknown, ...rest: unknown[]) => write('trace', message, rest),
  verbose: (message: unknown, ...rest: unknown[]) => write('trace', message, rest),
  warn: (message: unknown, ...rest: unknown[]) => write('warn', message, rest),
  error: (message: unknown, ...rest: unknown[]) => write('error', message, rest),
  fatal: (message: unknown, ...rest: unknown[]) => write('fatal', message, rest),
};

function write(
  level: 'trace' | 'debug' | 'warn' | 'error' | 'fatal',
  message: unknown,
  rest: unknown[],
): void {
  const from = rest.at(-1);
  const fields = typeof from === 'string' ? { from } : {};
  if (message instanceof Error) log[level]({ ...fields, error: message }, 'nest');
  else log[level]({ ...fields, text: String(message) }, 'nest');
}
