import type { Plan } from '@causeway/dag';

/** What invariants are checked against: the database alone, read as superuser. */
export interface Ledger {
  query<Row extends object>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
  /** The plan that a version was compiled to; undefined when its flow's row is gone. */
  planOf(flowId: string, versionHash: string): Promise<Plan | undefined>;
}

/** What came of one check. */
export interface Finding {
  /** How many things were looked at: runs, steps, rows. */
  readonly looked: number;
  /** One line for each thing that breaks the rule. */
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
  /** How long after a cancel a step may still begin. */
  cancelS: 6,
} as const;

/**
 * An invariant whose violations one query finds, beside one that counts what it looked at.
 *
 * @param rule.broken  gives a column `what` per violation
 * @param rule.all     gives one number `n`
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
