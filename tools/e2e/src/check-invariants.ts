import { gunzipSync } from 'node:zlib';
import type { PublicKey } from '@causeway/audit-chain';
import type { Plan } from '@causeway/dag';
import { DataKeys, SealedKind, Vault } from '@causeway/platform';
import { Client } from 'pg';
import { StoredKeys } from './stored-keys.js';
import { auditInvariant } from './invariants/audit-invariant.js';
import { coverageInvariant } from './invariants/coverage-invariant.js';
import { grantInvariant } from './invariants/grant-invariant.js';
import type { Finding, Invariant, Ledger } from './invariants/invariant.js';
import { runInvariants } from './invariants/run-invariants.js';
import { type Hidden, secretInvariant } from './invariants/secret-invariant.js';
import { stepInvariants } from './invariants/step-invariants.js';
import { type Told, toldInvariant } from './invariants/told-invariant.js';
import { walkInvariants } from './invariants/walk-invariants.js';

export interface CheckedInvariant extends Finding {
  readonly number: number;
  readonly name: string;
}

const invariants: readonly Invariant[] = [
  ...runInvariants,
  ...stepInvariants,
  ...walkInvariants,
  coverageInvariant,
  grantInvariant,
];

/**
 * Checks the invariants of the database, which must hold whatever was killed, once no run is under way any more.
 *
 * @param database.url        of the services' database, as superuser
 * @param database.masterKey  opens the plans of versions
 * @param database.auditKeys  public keys with which the checkpoints of the audit log are signed
 * @param database.hidden     texts that must be nowhere, if there are such
 * @param told                the answers that clients received, if they were recorded: they are compared with the database
 */
export async function checkInvariants(
  database: {
    readonly url: string;
    readonly masterKey: string;
    readonly auditKeys: readonly PublicKey[];
    readonly hidden?: Hidden;
  },
  told?: readonly Told[],
): Promise<CheckedInvariant[]> {
  const client = new Client({ connectionString: database.url });
  await client.connect();
  try {
    // All checks read one snapshot, so that changes meanwhile do not look like contradictions.
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const ledger = ledgerOf(client, new Vault(new DataKeys(new StoredKeys(client, database.masterKey))));
    const checked: CheckedInvariant[] = [];
    const all = [
      ...invariants,
      auditInvariant(database.auditKeys),
      ...(database.hidden ? [secretInvariant(database.hidden)] : []),
      ...(told === undefined ? [] : [toldInvariant(told)]),
    ];
    for (const { number, name, check } of all.toSorted((a, b) => a.number - b.number))
      checked.push({ number, name, ...(await check(ledger)) });
    return checked;
  } finally {
    await client.end();
  }
}

/** The result as text; its last line is `N checked, N violated`. */
export function invariantReport(checked: readonly CheckedInvariant[]): string {
  const lines = checked.flatMap(({ number, name, looked, violations }) => [
    `${violations.length === 0 ? 'holds   ' : 'VIOLATED'} ${String(number).padStart(2)} ${name} (${looked})`,
    ...violations.slice(0, 20).map((what) => `            ${what}`),
    ...(violations.length > 20 ? [`            and ${violations.length - 20} more`] : []),
  ]);
  const violated = checked.filter(({ violations }) => violations.length > 0).length;
  return [...lines, `${checked.length} checked, ${violated} violated`].join('\n');
}

function ledgerOf(client: Client, vault: Vault): Ledger {
  const plans = new Map<string, Plan | undefined>();
  const query: Ledger['query'] = async (sql, values = []) => (await client.query(sql, [...values])).rows;
  return {
    query,
    planOf: async (flowId, versionHash) => {
      const key = `${flowId} ${versionHash}`;
      if (!plans.has(key)) {
        const [row] = await query<{ plan: string; by: string; organisationId: string }>(
          `SELECT plan, compiled_by AS by, organisation_id AS "organisationId" FROM flow_registry.compiled_plan WHERE flow_id = $1 AND version_hash = $2
           ORDER BY created_at DESC LIMIT 1`,
          [flowId, versionHash],
        );
        const text = row && (await openPlan(vault, row, `${flowId}/${versionHash}/${row.by}`));
        plans.set(key, text === undefined ? undefined : (JSON.parse(text) as Plan));
      }
      return plans.get(key);
    },
  };
}

async function openPlan(
  vault: Vault,
  { plan, organisationId }: { readonly plan: string; readonly organisationId: string },
  id: string,
): Promise<string> {
  const opened = await vault.open(plan, { organisationId, kind: SealedKind.plan, id, part: 'plan' });
  return gunzipSync(Buffer.from(opened, 'base64')).toString();
}
