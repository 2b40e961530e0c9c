import { DEFAULT_ORGANISATION_ID, DEFAULT_TEAM_ID } from '@causeway/contracts';
import type { Caller } from '@causeway/contracts';
import { describe, expect, test } from 'vitest';
import { authorize, checkPermitted, decide } from './authorize.js';
import type { ObjectType, OwnedObject } from './authorize.js';

const tenant = { organisationId: DEFAULT_ORGANISATION_ID, teamId: DEFAULT_TEAM_ID };
const caller: Caller = {
  principal: { kind: 'user', id: 'u', name: 'u', ...tenant, permissions: ['flow:run'] },
  tenant,
  requestId: 'r',
};
const flow: OwnedObject = { type: 'flow', id: 'f', ...tenant };

describe('a caller', () => {
  test('may do what they have a permission for, to objects of their team', () => {
    expect(decide(caller, 'flow:run', flow)).toEqual({ allowed: true, reason: 'permitted' });
    expect(() => authorize(caller, 'flow:run', flow)).not.toThrow();
  });

  test('gets an error that names the missing permission', () => {
    expect(() => authorize(caller, 'flow:write', flow)).toThrow('This needs the permission flow:write');
    expect(() => checkPermitted(caller, ['flow:run', 'key:read'])).toThrow(
      'This needs the permission key:read',
    );
  });

  test.each<[ObjectType, string]>([
    ['flow', 'FLOW_UNKNOWN'],
    ['project', 'PROJECT_UNKNOWN'],
    ['run', 'RUN_UNKNOWN'],
    ['file', 'FILE_UNKNOWN'],
    ['message', 'MESSAGE_UNKNOWN'],
    ['variable', 'VARIABLE_UNKNOWN'],
    ['key', 'KEY_UNKNOWN'],
  ])('learns nothing about a %s of another team, whatever permissions they have', (type, code) => {
    for (const other of [{ teamId: 'other' }, { organisationId: 'other' }])
      expect(() => authorize(caller, 'flow:run', { ...flow, type, ...other })).toThrow(
        expect.objectContaining({ code }),
      );
  });
});
