import { causewayError } from '@causeway/contracts';
import { expect, test } from 'vitest';
import { isConnectionError, unavailableDatabase } from './connection-errors.js';

const withCode = (code: string, message = 'x', syscall?: string): Error =>
  Object.assign(new Error(message), { code, ...(syscall === undefined ? {} : { syscall }) });

test.each([
  withCode('ECONNREFUSED', 'connect ECONNREFUSED', 'connect'),
  withCode('57P01', 'terminating connection due to administrator command'),
  withCode('08006'),
  withCode('53300', 'too many clients already'),
  withCode('53100', 'could not extend file: No space left on device'),
  withCode('53200', 'out of memory'),
  withCode('58030', 'could not read block'),
  withCode('25006', 'cannot execute INSERT in a read-only transaction'),
  Object.assign(new Error('driver'), { cause: { kind: 'postgres', originalCode: '53100' } }),
  withCode('P1001'),
  withCode('25P03', 'terminating connection due to idle-in-transaction timeout'),
  withCode('P2028', 'Unable to start a transaction in the given time.'),
  new Error('Connection terminated unexpectedly'),
  new Error('Query read timeout'),
  new Error('Connection terminated due to connection timeout'),
  new Error('timeout exceeded when trying to connect'),
  new AggregateError([withCode('ECONNREFUSED', 'x', 'connect')]),
  Object.assign(new Error('driver'), { cause: { kind: 'DatabaseNotReachable' } }),
  new Error('outer', { cause: withCode('ECONNRESET', 'x', 'read') }),
])('$message ($code) means that Postgres is unreachable', (error) => {
  expect(isConnectionError(error)).toBe(true);
  expect(unavailableDatabase(error)).toMatchObject({ code: 'UNAVAILABLE', details: { service: 'Postgres' } });
});

test.each([
  withCode('23505', 'duplicate key'),
  withCode('25P02', 'current transaction is aborted'),
  withCode('42601', 'syntax error'),
  withCode('40001', 'could not serialize access'),
  withCode('57014', 'canceling statement due to statement timeout'),
  withCode('ENOENT', 'no such file', 'open'),
  new Error('anything else'),
  causewayError('FLOW_UNKNOWN', { flow: 'x' }),
  'text',
  undefined,
])('%s does not mean that', (error) => {
  expect(isConnectionError(error)).toBe(false);
  expect(unavailableDatabase(error)).toBeUndefined();
});
