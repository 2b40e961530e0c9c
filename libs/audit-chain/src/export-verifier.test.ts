import { randomBytes } from 'node:crypto';
import { canonicalJson } from '@causeway/dag';
import { describe, expect, it } from 'vitest';
import { FIRST_PREVIOUS, addToDigest, chainHash, hashOfText } from './chain-hash.js';
import { type Checkpoint, nextCheckpoint } from './checkpoint.js';
import type { EventLine, ExportLine, HeaderLine } from './export-line.js';
import { ExportVerifier } from './export-verifier.js';
import { inclusionProof, treeOf } from './merkle.js';
import { REMOVAL } from './removal.js';
import { type SigningKey, readAuditKey, signValue } from './signing.js';
import type { VerifyReport } from './verify-report.js';

const ORGANISATION = '00000000-0000-4000-8000-000000000001';
const BLOCK = 4;
const key = readAuditKey(Buffer.alloc(32, 'a').toString('base64'));
const otherKey = readAuditKey(randomBytes(32).toString('base64'));

interface Sealed {
  readonly seq: number;
  readonly previous: string;
  readonly hash: string;
  readonly event: Record<string, unknown>;
}

const anEvent = (n: number): Record<string, unknown> => ({
  id: `event-${n}`,
  organisationId: ORGANISATION,
  action: 'flow.create',
  teamId: n % 2 ? 'odd' : 'even',
  detail: { text: `tä\u0000st ${n}`, nested: [n, null] },
});

function seal(events: readonly Record<string, unknown>[]): Sealed[] {
  let previous = FIRST_PREVIOUS;
  return events.map((event, index) => {
    const sealed = { seq: index + 1, previous, hash: chainHash(previous, canonicalJson(event)), event };
    previous = sealed.hash;
    return sealed;
  });
}

function checkpointsOf(chain: readonly Sealed[], signer: SigningKey = key): Checkpoint[] {
  const made: Checkpoint[] = [];
  for (let at = 0; at + BLOCK <= chain.length; at += BLOCK)
    made.push(
      nextCheckpoint(
        made.at(-1),
        chain.slice(at, at + BLOCK).map(({ hash }) => hash),
        {
          organisationId: ORGANISATION,
          at: '2026-11-30T12:00:00.000Z',
          keyId: signer.keyId,
          ...(at === 0 && { isBlockZero: true as const }),
        },
      ),
    );
  return made;
}

/** An export as the service writes it. @param keep  which events; absent, it is complete */
function exportOf(
  chain: readonly Sealed[],
  keep?: (one: Sealed) => boolean,
  { checkpoints = checkpointsOf(chain), signer = key, removed = [] as readonly number[] } = {},
): string[] {
  const lines: ExportLine[] = [];
  const first = chain.find(({ seq }) => !removed.includes(seq))?.seq ?? 0;
  const from = checkpoints.find((block) => first >= block.from && first <= block.to)?.from ?? first;
  const header: HeaderLine = {
    kind: 'export',
    format: 1,
    organisationId: ORGANISATION,
    filter: keep ? { team: 'odd' } : {},
    isComplete: !keep,
    from,
    upTo: chain.length,
    at: '2026-11-30T13:00:00.000Z',
  };
  let digest = hashOfText(canonicalJson(header));
  const kept = chain.filter((one) => keep?.(one) ?? !removed.includes(one.seq));
  let lastCheckpoint: number | null = null;
  for (const one of keep ? kept : chain) {
    const checkpoint = checkpoints.find((block) => one.seq >= block.from && one.seq <= block.to);
    const hasAny = checkpoint && kept.some(({ seq }) => seq >= checkpoint.from && seq <= checkpoint.to);
    if (checkpoint && hasAny && checkpoint.number !== lastCheckpoint) {
      lines.push({ kind: 'checkpoint', checkpoint, signature: signValue('checkpoint', checkpoint, signer) });
      lastCheckpoint = checkpoint.number;
    }
    if (removed.includes(one.seq)) {
      if (hasAny) lines.push({ kind: 'removed', seq: one.seq, hash: one.hash });
      continue;
    }
    digest = addToDigest(digest, one.hash);
    const line: EventLine = { kind: 'event', ...one };
    if (keep && checkpoint) {
      const hashes = chain.slice(checkpoint.from - 1, checkpoint.to).map(({ hash }) => hash);
      lines.push({ ...line, proof: inclusionProof(treeOf(hashes), one.seq - checkpoint.from) });
    } else lines.push(line);
  }
  lines.push({ kind: 'cursor', after: 'x' });
  const statement = {
    organisationId: ORGANISATION,
    count: kept.length,
    lastSeq: kept.at(-1)?.seq ?? 0,
    lastCheckpoint,
    digest,
    at: '2026-11-30T13:00:01.000Z',
    keyId: signer.keyId,
  };
  lines.push({ kind: 'end', statement, signature: signValue('export', statement, signer) });
  return [header, ...lines].map((line) => canonicalJson(line));
}

function verify(lines: readonly string[], keys = [key]): VerifyReport {
  const verifier = new ExportVerifier(keys);
  for (const line of lines) verifier.add(line);
  return verifier.end();
}

const problemsOf = (report: VerifyReport): string => report.findings.map(({ problem }) => problem).join('\n');
const indexOf = (lines: readonly string[], seq: number): number =>
  lines.findIndex((line) => (JSON.parse(line) as { seq?: number }).seq === seq);
const chain = seal(Array.from({ length: 14 }, (_, n) => anEvent(n + 1)));
const isOdd = ({ event }: Sealed): boolean => event['teamId'] === 'odd';
const whole = exportOf(chain);
const ofTeam = exportOf(chain, isOdd);

describe('an export that nobody has changed', () => {
  it('is proven, whole', () => {
    expect(verify(whole)).toMatchObject({
      isProven: true,
      isComplete: true,
      events: 14,
      firstSeq: 1,
      lastSeq: 14,
      checkpoints: 3,
      withoutCheckpoint: 2,
      beforeChain: 4,
      removed: 0,
      keyIds: [key.keyId],
    });
  });

  it('is proven event by event where it has only those of one team', () => {
    expect(verify(ofTeam)).toMatchObject({
      isProven: true,
      isComplete: false,
      events: 7,
      withoutCheckpoint: 1,
    });
  });

  it('is proven with keys that were replaced meanwhile', () => {
    const checkpoints = checkpointsOf(chain);
    const lines = exportOf(chain, undefined, { checkpoints, signer: key });
    expect(verify(lines, [otherKey, key]).isProven).toBe(true);
  });

  it('is proven without any event', () => {
    expect(verify(exportOf([]))).toMatchObject({ isProven: true, events: 0 });
  });

  it.each([
    ['a whole block and a part of the next one', [1, 2, 3, 4, 5]],
    ['a late one in the middle', [6, 7]],
    ['a late one at the end of a block', [8]],
  ])('is proven after months were removed: %s', (_what, removed) => {
    const detail = { month: '2024-01', events: removed.length, ranges: [[removed[0], removed.at(-1)]] };
    const told = seal([...chain.map(({ event }) => event), { ...anEvent(15), action: REMOVAL, detail }]);
    expect(verify(exportOf(told, undefined, { removed }))).toMatchObject({
      findings: [],
      removed: removed.length,
    });
  });
});

describe('a changed export', () => {
  const change = (
    lines: readonly string[],
    seq: number,
    by: (line: EventLine) => object | string,
  ): string[] =>
    lines.map((line, index) => {
      if (index !== indexOf(lines, seq)) return line;
      const changed = by(JSON.parse(line) as EventLine);
      return typeof changed === 'string' ? changed : canonicalJson(changed);
    });
  const without = (lines: readonly string[], seq: number): string[] =>
    lines.toSpliced(indexOf(lines, seq), 1);
  const swapped = (lines: readonly string[], one: number, other: number): string[] => {
    const [at, to] = [indexOf(lines, one), indexOf(lines, other)];
    return lines.with(at, lines[to] as string).with(to, lines[at] as string);
  };
  const forged = (lines: readonly string[], seq: number): string[] =>
    change(lines, seq, (line) => {
      const event = { ...line.event, action: 'flow.delete' };
      return { ...line, event, hash: chainHash(line.previous, canonicalJson(event)) };
    });
  const checkpointAt = (lines: readonly string[], number: number): number =>
    lines.findIndex((line) => line.includes(`"number":${number},`));

  it.each([
    [
      'an event is changed',
      change(whole, 6, (line) => ({ ...line, event: { ...line.event, action: 'a.b' } })),
      /event 6 \(event-6\) was changed/,
    ],
    [
      'an event is changed with its hash',
      forged(whole, 6),
      /event 7 .*does not follow event 6|events 5 to 8 are not those/,
    ],
    ['an event is removed', without(whole, 6), /^event 6 is missing/m],
    ['a first event is removed', without(whole, 1), /^event 1 is missing/m],
    ['the last event is removed', without(whole, 14), /event 14.* is missing/],
    ['the last event of a block is removed', without(whole, 8), /^event 8 is missing/m],
    [
      'the tail is removed',
      whole.filter((_, index) => index < indexOf(whole, 11)),
      /the events 11 to 14 are missing/,
    ],
    [
      'the tail is removed and the end is kept',
      [...whole.slice(0, indexOf(whole, 11)), ...whole.slice(-2)],
      /the events 11 to 14 are missing/,
    ],
    ['two events are swapped', swapped(whole, 6, 7), /event 6 .*stands behind event 7/],
    [
      'an event is repeated',
      whole.toSpliced(indexOf(whole, 6), 0, whole[indexOf(whole, 6)] as string),
      /event 6 .*stands behind event 6/,
    ],
    [
      'an event is added',
      whole.toSpliced(
        indexOf(whole, 6),
        0,
        canonicalJson({ ...JSON.parse(whole[indexOf(whole, 5)] as string), seq: 5, event: anEvent(99) }),
      ),
      /event 5 \(event-99\)/,
    ],
    ['the header is removed', whole.slice(1), /does not begin with its header/],
    [
      'the filter in the header is changed',
      whole.with(0, whole[0]!.replace('"upTo":14', '"upTo":13')),
      /the header or the list of events is not the one/,
    ],
    [
      'a checkpoint is changed',
      whole.with(checkpointAt(whole, 3), whole[checkpointAt(whole, 3)]!.replace('12:00', '12:01')),
      /checkpoint 3 was changed: its signature is wrong/,
    ],
    ['a checkpoint is removed', whole.toSpliced(checkpointAt(whole, 2), 1), /checkpoint 2 is missing/],
    [
      'the last checkpoint is removed',
      whole.toSpliced(checkpointAt(whole, 3), 1),
      /checkpoint 3, the last one, is missing/,
    ],
    [
      'an event of a team is changed',
      change(ofTeam, 7, (line) => ({ ...line, event: { ...line.event, action: 'a.b' } })),
      /event 7 \(event-7\) was changed/,
    ],
    [
      'an event of a team is changed with its hash',
      forged(ofTeam, 7),
      /event 7 \(event-7\) is not the event that checkpoint 2 has/,
    ],
    ['an event of a team is removed', without(ofTeam, 7), /has sent 7 events, the file has 6/],
    ['the last event of a team is removed', without(ofTeam, 13), /event 13, the last one, is missing/],
    ['two events of a team are swapped', swapped(ofTeam, 5, 7), /event 5 .*stands behind event 7/],
    [
      'an event of another team is added',
      ofTeam.toSpliced(indexOf(ofTeam, 7), 0, canonicalJson({ kind: 'event', ...chain[5] })),
      /event 6 .*is not the event that checkpoint/,
    ],
    [
      'a proof is taken away',
      change(ofTeam, 7, ({ proof: _proof, ...line }) => line),
      /event 7 .*is not the event that checkpoint/,
    ],
  ] as const)('is found when %s', (_what, lines, told) => {
    const report = verify(lines);
    expect(report.isProven).toBe(false);
    expect(problemsOf(report)).toMatch(told);
  });

  it.each(['whole', 'of a team'])('is found when any bit of it is flipped: %s', (which) => {
    const text = (which === 'whole' ? whole : ofTeam).join('\n');
    const bytes = Buffer.from(text);
    const cursor = text.indexOf('{"after"');
    const cursorEnd = text.indexOf('\n', cursor);
    for (let at = 0; at < bytes.length; at += 7) {
      // A cursor says only where to go on.
      if (at >= cursor && at < cursorEnd) continue;
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] as number) ^ (1 << (at % 7));
      expect([at, verify(changed.toString().split('\n')).isProven]).toEqual([at, false]);
    }
  });

  it('is found when everything is chained anew and the signed checkpoints are the old ones', () => {
    const rewritten = seal(
      chain.map(({ event }, n) => (n === 5 ? { ...event, action: 'flow.delete' } : event)),
    );
    const report = verify(exportOf(rewritten, undefined, { checkpoints: checkpointsOf(chain) }));
    expect(problemsOf(report)).toMatch(/the events 5 to 8 are not those that checkpoint 2 has signed/);
  });

  it('is found when everything is chained and signed anew with another key', () => {
    const checkpoints = checkpointsOf(chain, otherKey);
    const report = verify(exportOf(chain, undefined, { checkpoints, signer: otherKey }));
    expect(problemsOf(report)).toContain(`checkpoint 1 is signed with the key ${otherKey.keyId}`);
    expect(problemsOf(report)).toContain(`the end is signed with the key ${otherKey.keyId}`);
  });

  it('is found when events are removed as if with their month, and no event tells of it', () => {
    const report = verify(exportOf(chain, undefined, { removed: [1, 2, 3, 4, 6] }));
    expect(problemsOf(report)).toMatch(/event 6 is said to have been removed, and no event tells of it/);
  });

  describe('with checkpoints that were kept outside', () => {
    const outsideOf = (some: readonly Sealed[], signer = key) =>
      checkpointsOf(some, signer).map((checkpoint) => ({
        checkpoint,
        signature: signValue('checkpoint', checkpoint, signer),
      }));
    const against = (lines: readonly string[], outside: ReturnType<typeof outsideOf>): VerifyReport => {
      const verifier = new ExportVerifier([key], outside);
      for (const line of lines) verifier.add(line);
      return verifier.end();
    };

    it('is proven when it is as they say, also after more was sealed, and by one team', () => {
      expect(problemsOf(against(whole, outsideOf(chain)))).toBe('');
      expect(problemsOf(against(whole, outsideOf(chain.slice(0, 8))))).toBe('');
      expect(problemsOf(against(ofTeam, outsideOf(chain)))).toBe('');
    });

    it('is found when the end of the log and its checkpoints were deleted in the database', () => {
      const cut = exportOf(chain.slice(0, 7));
      expect(verify(cut).isProven).toBe(true);
      expect(problemsOf(against(cut, outsideOf(chain)))).toMatch(
        /the events 8 to 12 are missing: checkpoints from outside cover them/,
      );
    });

    it('is proven when they are newer than the export and cover what came later', () => {
      const later = outsideOf(chain).map(({ checkpoint }) => {
        const newer = { ...checkpoint, at: '2026-11-30T14:00:00.000Z' };
        return { checkpoint: newer, signature: signValue('checkpoint', newer, key) };
      });
      expect(problemsOf(against(exportOf(chain.slice(0, 7)), later))).toBe('');
    });

    it('is found when the whole log was chained and signed anew, even with the right key', () => {
      const rewritten = seal(
        chain.map(({ event }, n) => (n === 5 ? { ...event, action: 'flow.delete' } : event)),
      );
      const forged = exportOf(rewritten);
      expect(verify(forged).isProven).toBe(true);
      expect(problemsOf(against(forged, outsideOf(chain)))).toMatch(
        /event 8 is not the one that checkpoint 2 from outside has signed/,
      );
    });

    it('is not trusted where they are signed with another key', () => {
      expect(problemsOf(against(whole, outsideOf(chain, otherKey)))).toMatch(
        /checkpoint 1 from outside is not signed/,
      );
    });
  });

  it('is found when it was cut while it was written', () => {
    const report = verify([...whole.slice(0, 5), (whole[5] as string).slice(0, 40)]);
    expect(problemsOf(report)).toMatch(/changed or cut[^]*the export has no end/);
  });
});
