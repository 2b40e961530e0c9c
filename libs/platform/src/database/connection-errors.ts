import { CausewayError, isCausewayError } from '@causeway/dag';
import { causewayError } from '@causeway/contracts';

const systemCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);
/**
 * Postgres stops or starts, ended this connection, lacks a resource (disk, memory, connections), cannot read or write its disk, or
 * accepts no writes now: SQLSTATE classes 08, 53 and 58, 57P01–57P05, 25P03, 25006. The rows are not the cause: the same may work later.
 */
const sqlStates = /^(08...|53...|58...|57P0[1-5]|25P03|25006)$/;
/** Prisma's codes when it cannot reach its database, or when a transaction could not begin or end in its time. */
const prismaCodes = new Set(['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2028']);
/** Messages of pg that have no code. */
const messages =
  /^(Connection terminated|Query read timeout|timeout exceeded when trying to connect|Client has encountered a connection error|Client was closed|Cannot use a pool after calling end)/;
/** Kinds of errors of Prisma's driver adapter. */
const adapterKinds = new Set([
  'DatabaseNotReachable',
  'ConnectionClosed',
  'SocketTimeout',
  'TooManyConnections',
  'TlsConnectionError',
]);

/** True for an error that says that Postgres is unreachable or cannot work now; false for one about a statement. */
export function isConnectionError(error: unknown): boolean {
  if (!(error instanceof Error) || isCausewayError(error)) return false;
  if (error instanceof AggregateError && error.errors.some(isConnectionError)) return true;
  const { code, syscall } = error as { code?: unknown; syscall?: unknown };
  if (typeof code === 'string') {
    if (systemCodes.has(code)) return syscall !== undefined || code !== 'ENOTFOUND';
    if (sqlStates.test(code) || prismaCodes.has(code)) return true;
  }
  if (messages.test(error.message)) return true;
  const { kind, originalCode } = (error.cause ?? {}) as { kind?: unknown; originalCode?: unknown };
  if (typeof kind === 'string' && adapterKinds.has(kind)) return true;
  return (typeof originalCode === 'string' && sqlStates.test(originalCode)) || isConnectionError(error.cause);
}

/** UNAVAILABLE for an error that says that Postgres is unreachable; undefined for any other. */
export function unavailableDatabase(
  error: unknown,
  details: Record<string, unknown> = {},
): CausewayError | undefined {
  if (!isConnectionError(error)) return undefined;
  return causewayError('UNAVAILABLE', { service: 'Postgres', retryAfterS: 1, ...details }, { cause: error });
}
