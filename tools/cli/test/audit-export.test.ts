import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  addToDigest,
  nextCheckpoint,
  chainHash,
  hashOfText,
  publicKeyText,
  readAuditKey,
  signValue,
} from '@causeway/audit-chain';
import { canonicalJson } from '@causeway/dag';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { exportAudit } from '../src/commands/audit/export.js';
import { verifyAudit } from '../src/commands/audit/verify.js';
import { Output } from '../src/output.js';
import { captureOutput } from './capture.js';
import { type Site, openSite } from './site.js';

const key = readAuditKey(Buffer.alloc(32, 'k').toString('base64'));
const organisationId = '00000000-0000-4000-8000-000000000001';
/** A whole export: header, event, cursor, event, end. One text has line separators that are none here. */
const lines = ((): string[] => {
  const header = canonicalJson({
    kind: 'export',
    format: 1,
    organisationId,
    filter: {},
    isComplete: true,
    from: 1,
    upTo: 2,
    at: '2027-01-31T12:00:00.000Z',
  });
  let previous = '0'.repeat(64);
  let digest = hashOfText(header);
  const events = [1, 2].map((seq) => {
    const event = { id: `e${seq}`, organisationId, name: 'a\u2028b\rc' };
    const hash = chainHash(previous, canonicalJson(event));
    const line = canonicalJson({ kind: 'event', seq, previous, hash, event });
    previous = hash;
    digest = addToDigest(digest, hash);
    return line;
  });
  const statement = {
    organisationId,
    count: 2,
    lastSeq: 2,
    lastCheckpoint: null,
    digest,
    at: '2027-01-31T12:00:00.000Z',
    keyId: key.keyId,
  };
  const end = canonicalJson({ kind: 'end', statement, signature: signValue('export', statement, key) });
  const cursor = canonicalJson({ kind: 'cursor', after: 'page-2' });
  return [header, events[0] as string, cursor, events[1] as string, end];
})();
const text = (some: readonly string[]): string => some.map((line) => `${line}\n`).join('');

let site: Site;
let answer: (query: URLSearchParams) => string | undefined;
let shown: { out: string; err: string };
const folder = mkdtempSync(join(tmpdir(), 'causeway-cli-audit-'));
const file = join(folder, 'audit.jsonl');
const keyFile = join(folder, 'keys.txt');
beforeEach(async () => {
  shown = captureOutput();
  rmSync(file, { force: true });
  writeFileSync(keyFile, `${publicKeyText(key.publicKey)}\n`);
  site = await openSite({
    'GET /api/platform/v1/audit/export': (response, { url = '' }) => {
      const wanted = answer(new URL(url, 'http://any').searchParams);
      if (wanted?.endsWith('CUT')) response.write(wanted.slice(0, -3), () => response.destroy());
      else response.end(wanted);
    },
    'GET /api/platform/v1/audit/keys': (response) =>
      void response.end(
        JSON.stringify({
          items: [{ keyId: key.keyId, publicKey: publicKeyText(key.publicKey), isCurrent: true }],
        }),
      ),
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  site.close();
});

const noServer = (): never => {
  throw new Error('a server was asked');
};

describe('an export', () => {
  test('is written as it comes, and is proven with a file of keys and no server', async () => {
    answer = () => text(lines);
    expect(await exportAudit(site.api, { out: file }, new Output(true))).toBe(0);
    expect(readFileSync(file, 'utf8')).toBe(text(lines));
    expect(JSON.parse(shown.out)).toEqual({ file, bytes: Buffer.byteLength(text(lines)), isComplete: true });
    expect(await verifyAudit(noServer, file, { publicKey: keyFile }, new Output(false))).toBe(0);
    expect(shown.out).toMatch(/proven {2}.*\n {2}2 events, 1 to 2 of organisation/);
  });

  test.each([
    ['in an event', text(lines.slice(0, 3)) + (lines[3] as string).slice(0, 30)],
    ['behind a whole event', text(lines.slice(0, 4))],
  ])('that was cut %s goes on behind its last cursor with the same command', async (_where, begun) => {
    answer = () => `${begun}CUT`;
    await expect(exportAudit(site.api, { out: file, actor: 'a' }, new Output(true))).rejects.toThrow(
      'the same command goes on',
    );
    const asked: string[] = [];
    answer = (query) => {
      asked.push(String(query));
      return text(lines.slice(3));
    };
    expect(await exportAudit(site.api, { out: file, actor: 'a' }, new Output(true))).toBe(0);
    expect(asked).toEqual(['format=jsonl&after=page-2&actor_id=a']);
    expect(readFileSync(file, 'utf8')).toBe(text(lines));
    // A whole one is not asked for again.
    expect(await exportAudit(site.api, { out: file }, new Output(true))).toBe(0);
    expect(asked).toHaveLength(1);
  });

  test('as CSV goes on behind its last whole row, also where cells have line breaks', async () => {
    const table = join(folder, 'audit.csv');
    const rows = ['seq,at,detail\n', '1,now,"a\nb"\n', '5,now,"c ""d"""\n', '8,now,x\n'];
    answer = () => `${rows.slice(0, 3).join('')}8,no"w\nCUT`;
    await expect(exportAudit(site.api, { out: table, csv: true }, new Output(true))).rejects.toThrow(
      'interrupted',
    );
    const asked: string[] = [];
    answer = (query) => {
      asked.push(String(query));
      return rows[3];
    };
    await exportAudit(site.api, { out: table, csv: true }, new Output(true));
    expect(asked).toEqual(['format=csv&after=5']);
    expect(readFileSync(table, 'utf8')).toBe(rows.join(''));
  });

  test('does not overwrite a file that is something else', async () => {
    for (const csv of [true, false]) {
      writeFileSync(file, 'my thesis\n');
      await expect(exportAudit(site.api, { out: file, csv }, new Output(true))).rejects.toThrow(
        'is not an export of the audit log',
      );
      expect(readFileSync(file, 'utf8')).toBe('my thesis\n');
    }
  });
});

describe('a check', () => {
  test('names what was changed, with its line, and its exit code is 1', async () => {
    writeFileSync(file, text(lines.with(1, (lines[1] as string).replace('"e1"', '"e7"'))));
    expect(await verifyAudit(noServer, file, { publicKey: keyFile }, new Output(false))).toBe(1);
    expect(shown.out).toMatch(/NOT PROVEN .*\n {2}line 2: event 1 \(e7\) was changed/);
  });

  test('takes the keys from the server where none are given, and says what that means', async () => {
    writeFileSync(file, text(lines));
    expect(await verifyAudit(() => site.api, file, {}, new Output(false))).toBe(0);
    expect(shown.err).toContain('the server need not be trusted');
  });

  test('compares with checkpoints from outside, and finds what the database does not have any more', async () => {
    writeFileSync(file, text(lines));
    const outside = join(folder, 'outside');
    const checkpoint = nextCheckpoint(undefined, ['a'.repeat(64), 'b'.repeat(64), 'c'.repeat(64)], {
      organisationId,
      at: '2027-01-31T11:00:00.000Z',
      keyId: key.keyId,
    });
    mkdirSync(join(outside, organisationId), { recursive: true });
    const signed = { checkpoint, signature: signValue('checkpoint', checkpoint, key) };
    writeFileSync(join(outside, organisationId, '1.json'), JSON.stringify(signed));
    const options = { publicKey: keyFile, checkpoints: outside };
    expect(await verifyAudit(noServer, file, options, new Output(false))).toBe(1);
    expect(shown.out).toContain('the events 3 to 3 are missing: checkpoints from outside cover them');
    writeFileSync(join(outside, 'x.json'), '{}');
    await expect(verifyAudit(noServer, file, options, new Output(true))).rejects.toThrow(
      'is not a checkpoint',
    );
  });

  test('refuses a file without keys', async () => {
    writeFileSync(file, text(lines));
    writeFileSync(keyFile, 'nothing\n');
    await expect(verifyAudit(noServer, file, { publicKey: keyFile }, new Output(true))).rejects.toThrow(
      'has no public keys',
    );
  });

  test('takes keys as PEM', async () => {
    writeFileSync(file, text(lines));
    writeFileSync(keyFile, String(key.publicKey.export({ type: 'spki', format: 'pem' })));
    expect(await verifyAudit(noServer, file, { publicKey: keyFile }, new Output(true))).toBe(0);
  });
});
