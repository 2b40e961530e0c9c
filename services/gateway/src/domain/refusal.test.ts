import { describe, expect, it } from 'vitest';
import { isRefusal } from './refusal.js';

const other = { startsRuns: false, hasRun: false };
const starting = { startsRuns: true, hasRun: false };

describe('a refusal', () => {
  it.each([
    'KEY_MISSING',
    'KEY_INVALID',
    'PERMISSION_DENIED',
    'KEY_SCOPE_TOO_WIDE',
    'KEY_OUTLIVES_MAKER',
    'LOGS_OFF',
    'FLOW_LOCKED',
    'ENDPOINT_TAKEN',
    'BODY_TOO_LARGE',
    'PAYLOAD_TOO_LARGE',
  ])('is %s anywhere', (code) => {
    expect(isRefusal(code, other)).toBe(true);
  });

  it.each([
    'TEAM_BUSY',
    'OVERLOADED',
    'IDEMPOTENCY_MISMATCH',
    'FLOW_UNKNOWN',
    'FLOW_CANNOT_RUN',
    'REQUEST_INVALID',
  ])('is %s where a run would start', (code) => {
    expect(isRefusal(code, starting)).toBe(true);
  });

  it.each(['INTERNAL', 'UNAVAILABLE', 'TIMED_OUT', 'DRAINING', 'not a registered code'])(
    'is not %s, which is a fault of the platform',
    (code) => {
      expect([isRefusal(code, other), isRefusal(code, starting)]).toEqual([false, false]);
    },
  );

  it.each(['FLOW_UNKNOWN', 'REQUEST_INVALID', 'ROUTE_UNKNOWN'])(
    'is not %s elsewhere, which is a mistake in the request',
    (code) => {
      expect(isRefusal(code, other)).toBe(false);
    },
  );

  it.each(['RUN_CANCELLED', 'FIELD_MISSING', 'NODE_FAILED', 'PAYLOAD_TOO_LARGE'])(
    'is not %s of an existing run, which is how the run ended',
    (code) => {
      expect(isRefusal(code, { startsRuns: true, hasRun: true })).toBe(false);
    },
  );
});
