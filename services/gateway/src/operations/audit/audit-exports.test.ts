import { once } from 'node:events';
import type { Principal } from '@causeway/contracts';
import type { Bus } from '@causeway/platform';
import { describe, expect, it } from 'vitest';
import { AuditExports, type WantedExport } from './audit-exports.js';

const principal: Principal = {
  kind: 'user',
  id: 'u',
  name: 'U',
  organisationId: '00000000-0000-4000-8000-000000000001',
  teamId: '00000000-0000-4000-8000-000000000002',
  permissions: ['audit:read'],
};
const wanted: WantedExport = { format: 'jsonl', scope: 'team', filter: { actorId: 'a' } };
/** Longer than a stream reads ahead. */
const LINE = 'x'.repeat(200_000);

/** An audit service whose export never ends. @returns the cursors that it was asked with */
function endless(): { exports: AuditExports; asked: (string | undefined)[] } {
  const asked: (string | undefined)[] = [];
  const request = async (_contract: unknown, { after }: { after?: string }) => {
    asked.push(after);
    return { lines: [LINE, LINE], next: `after ${asked.length}` };
  };
  return { exports: new AuditExports({ request } as unknown as Bus), asked };
}

describe('an export of the audit log', () => {
  it('asks for no more than its reader takes, and for nothing once the reader has left', async () => {
    const { exports, asked } = endless();
    let held = 0;
    let most = 0;
    const counter = {
      add: (bytes: number) => (most = Math.max(most, (held += bytes))),
      giveBack: (bytes: number) => (held -= bytes),
    };
    const stream = exports.stream(await exports.open(wanted, async () => principal), counter);
    for (let chunks = 0; chunks < 20; chunks += 1) await once(stream, 'readable').then(() => stream.read());
    expect(asked.length).toBeLessThan(30);
    // One part at a time.
    expect(most).toBe(2 * (LINE.length + 1));
    stream.destroy();
    await once(stream, 'close');
    const before = asked.length;
    await new Promise((resolve) => setImmediate(resolve));
    expect([asked.length, held]).toEqual([before, 0]);
  });

  it('asks for each part as who the caller is then, so that it ends when they may read no more', async () => {
    const { exports, asked } = endless();
    let reads = 0;
    const reader = async (): Promise<Principal> => {
      reads += 1;
      if (reads > 3) throw new Error('the key was revoked');
      return principal;
    };
    const stream = exports.stream(await exports.open(wanted, reader), {
      add: () => undefined,
      giveBack: () => undefined,
    });
    const taken = (async () => {
      for await (const chunk of stream) expect(chunk).toBeDefined();
    })();
    await expect(taken).rejects.toThrow('the key was revoked');
    expect(asked).toEqual([undefined, 'after 1', 'after 2']);
  });

  it('as CSV begins with its header, unless it goes on behind a number', async () => {
    const event = {
      id: 'e',
      at: 'now',
      actor: { kind: 'user', id: 'u', name: '=1+1' },
      action: 'a.b',
      object: { type: 'flow', id: 'f' },
      result: 'succeeded',
    };
    const request = async () => ({ lines: [JSON.stringify({ seq: 8, hash: 'ab', event })] });
    const exports = new AuditExports({ request } as unknown as Bus);
    const text = async (after?: string): Promise<string> => {
      const parts = await exports.open({ ...wanted, format: 'csv', after }, async () => principal);
      let all = '';
      for await (const part of parts) all += part;
      return all;
    };
    expect((await text()).split('\n').map((row) => row.split(',')[0])).toEqual(['seq', '8', '']);
    expect(await text('7')).toMatch(/^8,now,a\.b,.*,'=1\+1,/);
    await expect(text('a cursor')).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
  });
});
