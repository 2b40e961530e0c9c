import type { Plan } from '@causeway/dag';

/** The data for the checks: only the database, read as superuser. */
export interface Ledger {
  query<Row extends object>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
  /** The plan of a version; undefined when its flow's row was deleted. */
  planOf(flowId: string, versionHash: string): Promise<Plan | undefined>;
}

/** The result of one check. */
export interface Finding {
  /** How many items were checked: runs, steps, rows. */
  readonly looked: number;
  /** One line for each item that breaks the rule. */
  readonly violations: readonly string[];
}

/** A rule that must hold whatever was killed. Its number is the one of the architecture's list. */
export interface Invariant {
  readonly number: number;
  readonly name: string;
  check(ledger: Ledger): Promise<Finding>;
}

/** Times that a rule allows, in seconds. */
export const ALLOWED = {
  /** How long after its clock has run out a run may take to end. */
  overdueS: 60,
  /** How long a row may wait in an outbox. */
  outboxS: 60,
  /** For how long what somebody could do may be remembered: 30 s while auth is unreachable, and a second. */
  accessS: 31,
  /** How long after a cancel a step may still begin. */
  cancelS: 6,
} as const;

/**
 * An invariant with a query that finds its violations, and one that counts the checked items.
 *
 * @param rule.broken  returns a column `what` for each violation
 * @param rule.all     returns one number `n`
 */
export function sqlInvariant(number: number, name: string, rule: { all: string; broken: string }): Invariant {
  return {
    number,
    name,
    check: async (ledger) => {
      const [counted] = await ledger.query<{ n: number }>(rule.all);
      const broken = await ledger.query<{ what: string }>(rule.broken);
      return { looked: counted?.n ?? 0, violations: broken.map(({ what }) => what) };
    },
  };
}

/**
 * SQL: a column with JSON text as `jsonb`, without NUL and halves of surrogate pairs, which JSON can hold and `jsonb` cannot. For
 * members that never have any.
 */
export function jsonOf(column: string): string {
  return String.raw`regexp_replace(${column}, '(?<!\\)((?:\\\\)*)\\u(?:0000|[dD][89a-fA-F]..)', '\1', 'g')::jsonb`;
}
