import { randomUUID } from 'node:crypto';
import {
  type Principal,
  appendAuditEvents,
  cancelRun,
  getExecutionStates,
  getRun,
  listAuditEvents,
  submitRun,
  verifyKey,
} from '@causeway/contracts';
import { expect, test } from 'vitest';
import { checkSender } from './check-sender.js';

const [organisationId, teamId, elsewhere] = [randomUUID(), randomUUID(), randomUUID()];
const ann: Principal = {
  kind: 'user',
  id: randomUUID(),
  name: 'Ann',
  organisationId,
  teamId,
  permissions: ['run:read', 'flow:run'],
};
const system: Principal = { ...ann, kind: 'system', id: 'gateway', permissions: [] };
const check = (message: unknown, contract = getRun, principal = ann): unknown =>
  checkSender(contract as typeof getRun, { service: 'gateway', principal }, message);

test('a caller gets what is said about the own team, in the own name as it is signed', () => {
  const message = { organisationId, teamId, runId: 'r' };
  expect(check(message)).toEqual({ ...message, reach: undefined });
  const claimed = { ...ann, name: 'Ann the owner', permissions: ['organisation:write'] };
  expect(check({ principal: claimed, other: 1 })).toEqual({ principal: ann, other: 1 });
  const caller = { principal: claimed, tenant: { organisationId, teamId }, requestId: 'r' };
  expect(check({ caller }, submitRun as never)).toEqual({ caller: { ...caller, principal: ann } });
});

test.each([
  ['another team', { organisationId, teamId: elsewhere }],
  ['another organisation', { organisationId: elsewhere, teamId }],
  ['another principal', { principal: { ...ann, id: elsewhere } }],
  ['another kind of principal', { principal: { ...ann, kind: 'system' } }],
  ['a principal that is none', { principal: 'Ann' }],
  [
    'another team of the caller',
    { caller: { principal: ann, tenant: { organisationId, teamId: elsewhere } } },
  ],
  ['no team of the caller', { caller: { principal: ann } }],
  [
    'another caller',
    { caller: { principal: { ...ann, id: elsewhere }, tenant: { organisationId, teamId } } },
  ],
])('a message that names %s is refused', (_what, message) => {
  expect(() => check(message)).toThrow(expect.objectContaining({ code: 'SENDER_REFUSED' }));
});

test('a caller with single objects sends what is decided about each object, with the reach that is signed', () => {
  const flowId = randomUUID();
  const bob = {
    ...ann,
    permissions: [],
    objects: [{ level: 'flow' as const, objectId: flowId, permissions: ['run:read' as const] }],
  };
  const message = { organisationId, teamId, runId: 'r', reach: { projectIds: [elsewhere], flowIds: [] } };
  const reach = { projectIds: [], flowIds: [flowId] };
  expect(check(message, getRun, bob)).toEqual({ ...message, reach });
  expect(check(message, getRun, ann)).toEqual({ ...message, reach: undefined });
  const whole = { ...message, page: {} };
  expect(() => check(whole, { ...getRun, perObject: false } as never, bob)).toThrow(
    expect.objectContaining({ code: 'PERMISSION_DENIED' }),
  );
  expect(() => check(message, cancelRun as never, bob)).toThrow(
    expect.objectContaining({ code: 'PERMISSION_DENIED' }),
  );
});

test('a caller needs one of the contract’s permissions; a service that acts for itself needs none', () => {
  const message = { organisationId: elsewhere, teamId: elsewhere };
  expect(() => check({}, listAuditEvents as never)).toThrow(
    expect.objectContaining({ code: 'PERMISSION_DENIED', details: { permission: 'audit:read' } }),
  );
  // The gateway cancels the run of a caller who has left.
  expect(check(message, cancelRun as never, system)).toBe(message);
});

test('the gateway sends for a caller what belongs to one, and for itself what does not', () => {
  for (const [contract, principal] of [
    [listAuditEvents, system],
    [verifyKey, ann],
    [appendAuditEvents, ann],
    [getExecutionStates, ann],
  ] as const)
    expect(() => check({}, contract as never, principal)).toThrow(
      expect.objectContaining({ code: 'SENDER_REFUSED' }),
    );
  for (const contract of [verifyKey, appendAuditEvents, getExecutionStates])
    expect(check({}, contract as never, system)).toEqual({});
});

test('a message with a caller and a principal is bound by both', () => {
  const caller = { principal: ann, tenant: { organisationId, teamId }, requestId: 'r' };
  expect(() => check({ caller, principal: { ...ann, id: elsewhere } })).toThrow(
    expect.objectContaining({ code: 'SENDER_REFUSED' }),
  );
});
