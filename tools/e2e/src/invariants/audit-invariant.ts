import {
  FIRST_PREVIOUS,
  type Checkpoint,
  type PublicKey,
  type Range,
  chainHash,
  checkpointHash,
  isSignedBy,
  merkleRoot,
  removedRanges,
  uncovered,
} from '@causeway/audit-chain';
import type { Finding, Invariant, Ledger } from './invariant.js';

const NUMBER = 13;
const PAGE = 5_000;

interface SealedRow {
  readonly seq: number;
  readonly hash: string;
  readonly content: string | null;
}

/** Each event has one place in the chain of its organisation; chain and checkpoints prove the same events. That every run which ended has its event is part of 17. */
export function auditInvariant(keys: readonly PublicKey[]): Invariant {
  return {
    number: NUMBER,
    name: 'the audit log is one chain without a gap, and its checkpoints verify',
    check: async (ledger) => {
      const unsealed = await ledger.query<{ id: string }>(
        `SELECT id FROM audit.event e WHERE NOT EXISTS (SELECT FROM audit.event_seal s WHERE s.time = e.time AND s.id = e.id) LIMIT 20`,
      );
      const violations = unsealed.map(({ id }) => `event ${id} has no place in the chain`);
      let looked = 0;
      const organisations = await ledger.query<{ id: string }>(
        'SELECT DISTINCT organisation_id AS id FROM audit.event_seal UNION SELECT organisation_id FROM audit.checkpoint',
      );
      for (const { id } of organisations) {
        const found = await checkChain(ledger, id, keys);
        looked += found.looked;
        violations.push(...found.violations.map((what) => `organisation ${id}: ${what}`));
      }
      return { looked, violations };
    },
  };
}

async function checkChain(
  ledger: Ledger,
  organisationId: string,
  keys: readonly PublicKey[],
): Promise<Finding> {
  const violations: string[] = [];
  const hashes = new Map<number, string>();
  const missing: Range[] = [];
  const told: Range[] = [];
  let [last, previous, looked] = [0, FIRST_PREVIOUS as string | undefined, 0];
  for await (const { seq, hash, content } of sealedRows(ledger, organisationId)) {
    looked += 1;
    if (seq === last) violations.push(`two events have the number ${seq}`);
    if (seq > last + 1) {
      missing.push([last + 1, seq - 1]);
      previous = undefined;
    }
    if (content === null) violations.push(`event ${seq} does not exist, and its seal does`);
    else {
      if (previous !== undefined && chainHash(previous, content) !== hash)
        violations.push(`event ${seq} is not what its hash seals`);
      told.push(...removedRanges(JSON.parse(content) as { readonly [member: string]: unknown }));
    }
    hashes.set(seq, hash);
    [last, previous] = [seq, hash];
  }
  for (const [from, to] of uncovered(missing, told))
    violations.push(`the events ${from} to ${to} are missing`);
  violations.push(...(await checkCheckpoints(ledger, organisationId, keys, hashes, last)));
  return { looked, violations };
}

async function checkCheckpoints(
  ledger: Ledger,
  organisationId: string,
  keys: readonly PublicKey[],
  hashes: ReadonlyMap<number, string>,
  last: number,
): Promise<string[]> {
  const rows = await ledger.query<{ content: string; signature: string }>(
    'SELECT content, signature FROM audit.checkpoint WHERE organisation_id = $1 ORDER BY number',
    [organisationId],
  );
  const violations: string[] = [];
  let before: Checkpoint | undefined;
  for (const { content, signature } of rows) {
    const checkpoint = JSON.parse(content) as Checkpoint;
    const { number, from, to, root, keyId } = checkpoint;
    const key = keys.find((one) => one.keyId === keyId);
    if (!key || !isSignedBy('checkpoint', checkpoint, signature, key))
      violations.push(`checkpoint ${number} is not signed`);
    if (
      number !== (before?.number ?? 0) + 1 ||
      from !== (before?.to ?? 0) + 1 ||
      checkpoint.previous !== (before ? checkpointHash(before) : null)
    )
      violations.push(`checkpoint ${number} does not follow the one before it`);
    const leaves = Array.from({ length: to - from + 1 }, (_, index) => hashes.get(from + index));
    // Of a block of which events were removed, the export has the other hashes.
    if (leaves.every((hash) => hash !== undefined) && merkleRoot(leaves) !== root)
      violations.push(`checkpoint ${number} has signed other events`);
    if (to > last) violations.push(`checkpoint ${number} covers events that do not exist`);
    before = checkpoint;
  }
  return violations;
}

async function* sealedRows(ledger: Ledger, organisationId: string): AsyncGenerator<SealedRow> {
  for (let after = 0; ;) {
    const rows = await ledger.query<SealedRow>(
      `SELECT s.seq::float8 AS seq, encode(s.hash, 'hex') AS hash, e.content
       FROM audit.event_seal s LEFT JOIN audit.event e ON e.time = s.time AND e.id = s.id
       WHERE s.organisation_id = $1 AND s.seq > $2 ORDER BY s.seq LIMIT ${PAGE}`,
      [organisationId, after],
    );
    yield* rows;
    if (rows.length < PAGE) return;
    after = rows.at(-1)?.seq ?? after;
  }
}
