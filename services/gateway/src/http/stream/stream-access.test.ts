import { appendAuditEvents, causewayError } from '@causeway/contracts';
import type { AuditEvent, InputOf } from '@causeway/contracts';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Refusals } from '../../operations/refusals.js';
import type { Call } from '../door/call.js';
import { StreamAccess } from './stream-access.js';

const RUN = '00000000-0000-4000-8000-00000000f00d';
const TEAM = '00000000-0000-4000-8000-000000000002';
const principal = {
  kind: 'user',
  id: 'reader',
  name: 'Reader',
  organisationId: '00000000-0000-4000-8000-000000000001',
  teamId: TEAM,
  permissions: ['run:read'],
};
const call = {
  principal,
  tenant: principal,
  requestId: 'r',
  address: '192.0.2.1',
  request: { headers: { 'user-agent': 'a browser' } },
} as unknown as Call;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Ends the stream of a run, and what audit has taken, which does not answer the first times. */
function streams(failures: number) {
  const taken: AuditEvent[] = [];
  let asked = 0;
  const request = async (
    contract: unknown,
    { items }: InputOf<typeof appendAuditEvents>,
  ): Promise<object> => {
    expect(contract).toBe(appendAuditEvents);
    if (++asked <= failures) throw causewayError('UNAVAILABLE', { service: 'audit', retryAfterS: 1 });
    taken.push(...items.map(({ payload }) => payload as AuditEvent));
    return { confirmed: items.map(({ id }) => id) };
  };
  const access = new StreamAccess({} as never, new Refusals({ request } as never));
  return { access, taken };
}

describe('the end of an open stream', () => {
  it.each([
    ['auth is unreachable', causewayError('UNAVAILABLE', { service: 'auth', retryAfterS: 1 })],
    [
      'auth did not answer in time',
      causewayError('TIMED_OUT', { service: 'auth', timeoutMs: 1_000, retryAfterS: 1 }),
    ],
    ['its reader may not go on', causewayError('KEY_INVALID', {})],
  ])('because %s is audited, as soon as audit can take it', async (_why, end) => {
    const { access, taken } = streams(2);
    access.note(end, call, RUN);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(taken).toHaveLength(1);
    expect(taken).toMatchObject([
      {
        action: 'request.refuse',
        result: 'refused',
        code: end.code,
        object: { type: 'run', id: RUN },
        teamId: TEAM,
        actor: { id: 'reader' },
        from: { address: '192.0.2.1', userAgent: 'a browser' },
      },
    ]);
    expect(taken[0]?.detail !== undefined).toBe(end.code !== 'KEY_INVALID');
  });

  it('is counted when thousands end together', async () => {
    const { access, taken } = streams(0);
    for (let n = 0; n < 5_000; n++)
      access.note(causewayError('UNAVAILABLE', { service: 'auth', retryAfterS: 1 }), call, RUN);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(taken.length).toBeLessThan(100);
    expect(taken.reduce((sum, { count = 1 }) => sum + count, 0)).toBe(5_000);
  });
});
