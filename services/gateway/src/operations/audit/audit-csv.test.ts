import type { AuditEvent } from '@causeway/contracts';
import { describe, expect, it } from 'vitest';
import { csvHeader, csvRows } from './audit-csv.js';

const event = (name: string): AuditEvent => ({
  id: '0193571f-7a3c-7e2e-9a5e-111111111111',
  at: '2026-11-30T12:00:00.000Z',
  organisationId: '00000000-0000-4000-8000-000000000001',
  actor: { kind: 'user', id: 'u', name },
  action: 'flow.create',
  object: { type: 'flow', id: 'f' },
  result: 'succeeded',
  detail: { a: 1 },
});

describe('a row of the audit log', () => {
  it('has a column for each of the names', () => {
    const row = csvRows([{ seq: 7, hash: 'ab', event: event('Ada') }]);
    expect(csvHeader.split(',').slice(0, 4)).toEqual(['seq', 'at', 'action', 'result']);
    expect(row).toBe(
      '7,2026-11-30T12:00:00.000Z,flow.create,succeeded,,user,u,Ada,,,flow,f,,,,,,,,"{""a"":1}",0193571f-7a3c-7e2e-9a5e-111111111111,ab\n',
    );
    expect(row.split(',')).toHaveLength(csvHeader.split(',').length);
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '=HYPERLINK("http://x","y")'])(
    'is safe to open in a spreadsheet: %j',
    (name) => {
      const row = csvRows([{ seq: 1, hash: 'ab', event: event(name) }]);
      const cell = /,u,("(?:[^"]|"")*"|[^,]*),/.exec(row)?.[1] ?? '';
      const shown = cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell;
      expect(shown).toBe(`'${name}`);
    },
  );

  it('keeps quotes, commas and line breaks in their cell', () => {
    const row = csvRows([{ seq: 1, hash: 'ab', event: event('a "b", c\nd') }]);
    expect(row).toContain(',"a ""b"", c\nd",');
  });
});
