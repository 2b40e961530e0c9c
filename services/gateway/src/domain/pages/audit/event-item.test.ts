import type { AuditEvent } from '@causeway/contracts';
import { describe, expect, test } from 'vitest';
import { detailRows } from './detail-rows.js';
import { eventItem } from './event-item.js';

const event: AuditEvent = {
  id: '0198c6de-5b1f-7c3a-9f50-2d6f0a3b9c11',
  at: '2026-11-30T17:00:12.345Z',
  organisationId: '00000000-0000-4000-8000-000000000001',
  actor: { kind: 'user', id: 'u-1', name: '<img src=x onerror=alert(1)>' },
  action: 'flow.rename',
  object: { type: 'flow', id: 'f"1', name: 'invoice\u202Egnp.exe' },
  result: 'refused',
  code: 'PERMISSION_DENIED',
  requestId: 'r-1',
  runId: 'run-1',
  detail: { formerName: '<script>alert(2)</script>', more: { a: ['</details>'] } },
};
const shown = (more: Partial<AuditEvent> = {}): string =>
  eventItem(
    { ...event, ...more },
    { search: { where: 'organisation', text: 'x' }, teamName: () => undefined },
  ).text;

describe('an event', () => {
  test('N27: is text whatever it contains, and what turns text around is seen', () => {
    const text = shown();
    expect(text).not.toMatch(/<(img|script)|<\/details>(?!\s*<\/li>)/);
    expect(text).toContain('&#60;img src=x onerror=alert(1)&#62;');
    expect(text).not.toContain('\u202E');
    expect(text).toContain('U+202E');
  });

  test('leads to all events of the same actor, object, run and request, in the same place', () => {
    const text = shown();
    for (const query of [
      'actor_id=u-1',
      'object_type=flow&#38;object_id=f%221',
      'run_id=run-1',
      'request_id=r-1',
      'action=flow.rename',
    ])
      expect(text).toContain(`href="/audit?where=organisation&#38;${query}"`);
    // No search finds an id that is so long.
    expect(shown({ runId: 'r'.repeat(501) })).not.toContain('run_id=');
  });
});

describe('details', () => {
  test('show what was before beside what is now', () => {
    expect(
      detailRows(
        {
          permissions: ['a', 'b'],
          formerPermissions: ['a'],
          formerName: 'old',
          former: { issuer: 'https://old.example' },
          issuer: 'https://new.example',
          count: 3,
          gone: null,
        },
        { name: 'new' },
      ),
    ).toEqual([
      { name: 'permissions', now: 'a, b', before: 'a' },
      { name: 'issuer', now: 'https://new.example', before: 'https://old.example' },
      { name: 'count', now: '3' },
      { name: 'gone', now: '–' },
      { name: 'name', now: 'new', before: 'old' },
    ]);
  });

  test('are cut where there are too many', () => {
    expect(
      detailRows(Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`m${at}`, at]))),
    ).toHaveLength(100);
  });
});
