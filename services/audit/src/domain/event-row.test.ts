import type { AuditEvent } from '@causeway/contracts';
import { describe, expect, it } from 'vitest';
import { eventRow, searchable } from './event-row.js';

const event: AuditEvent = {
  id: '0193571f-7a3c-7e2e-9a5e-111111111111',
  at: '2026-11-23T12:00:00.123Z',
  organisationId: '00000000-0000-4000-8000-000000000001',
  teamId: '00000000-0000-4000-8000-000000000002',
  actor: { kind: 'user', id: 'u1', name: 'Ada' },
  action: 'flow.create',
  object: { type: 'flow', id: 'f1', name: 'a\u0000b' },
  result: 'succeeded',
};

const now = new Date('2026-11-24T00:00:00.000Z');

describe('eventRow', () => {
  it('keeps the whole event as one canonical text, whatever the order of its members', () => {
    const other = Object.fromEntries(Object.entries(event).reverse()) as unknown as AuditEvent;
    expect(eventRow(other, now).content).toBe(eventRow(event, now).content);
    expect(JSON.parse(eventRow(event, now).content)).toEqual(event);
  });

  it('gives an event with an impossible time that of its arrival, and keeps what its sender said', () => {
    const row = eventRow({ ...event, at: '1970-01-01T00:00:00Z' }, now);
    expect(row).toMatchObject({ time: now.toISOString(), isMisdated: true });
    expect(JSON.parse(row.content)).toEqual({
      ...event,
      at: now.toISOString(),
      claimedAt: '1970-01-01T00:00:00Z',
    });
  });

  it('finds names, code and details by words in lower case, and no ids', () => {
    const detail = { host: 'API.example.com', list: [1, { deep: 'Größe' }], id: event.id };
    expect(eventRow({ ...event, code: 'KEY_INVALID', detail }, now).words).toBe(
      'ada flow.create a\uFFFDb key_invalid api.example.com größe',
    );
  });
});

describe('searchable', () => {
  it('replaces characters that a column cannot hold', () => {
    expect(searchable('a\u0000b\uD800')).toBe('a\uFFFDb\uFFFD');
  });

  it('cuts texts that are too long for an index entry, between characters', () => {
    expect(searchable('x'.repeat(499) + '😀')).toBe(`${'x'.repeat(499)}\uFFFD`);
  });
});
