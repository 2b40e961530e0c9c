import type { AuditFilter } from '@causeway/contracts';
import { searchable } from '../domain/event-row.js';

/** Whose events are wanted; without a team, those of the whole organisation. */
export interface EventScope {
  readonly organisationId: string;
  readonly teamId?: string | undefined;
}

/** A part of a statement with its parameters. */
export class Conditions {
  readonly #parts: string[] = [];

  /** @param values  of the whole statement */
  constructor(readonly values: unknown[] = []) {}

  /** Adds a condition; `sql` gets the name of the parameter. Does nothing for an absent value. */
  where(sql: (parameter: string) => string, value: unknown): this {
    if (value !== undefined) this.#parts.push(sql(this.parameter(value)));
    return this;
  }

  /** Adds a condition without a parameter. */
  and(sql: string): this {
    this.#parts.push(sql);
    return this;
  }

  parameter(value: unknown): string {
    return `$${this.values.push(value)}`;
  }

  get sql(): string {
    return this.#parts.join(' and ');
  }
}

/** The conditions that select events, of the table `event` with this alias. */
export function eventConditions(scope: EventScope, filter: AuditFilter, e = 'event'): Conditions {
  const conditions = new Conditions();
  const text = (value: string | undefined): string | undefined =>
    value === undefined ? undefined : searchable(value);
  conditions
    .where((p) => `${e}.organisation_id = ${p}`, scope.organisationId)
    .where((p) => `${e}.team_id = ${p}`, scope.teamId)
    .where((p) => `${e}.time >= ${p}`, filter.from)
    .where((p) => `${e}.time < ${p}`, filter.to)
    .where((p) => `${e}.actor_id = ${p}`, text(filter.actorId))
    .where((p) => `${e}.object_type = ${p}`, text(filter.objectType))
    .where((p) => `${e}.object_id = ${p}`, text(filter.objectId))
    .where((p) => `${e}.address = ${p}`, text(filter.address))
    .where((p) => `${e}.request_id = ${p}`, text(filter.requestId))
    .where((p) => `${e}.run_id = ${p}`, text(filter.runId))
    .where(
      (p) => `${e}.words like ${p}`,
      filter.text === undefined ? undefined : `%${escaped(filter.text.toLowerCase())}%`,
    );
  const { action, result } = filter;
  if (action?.endsWith('*')) conditions.where((p) => `starts_with(${e}.action, ${p})`, action.slice(0, -1));
  else conditions.where((p) => `${e}.action = ${p}`, action);
  if (result === 'succeeded') conditions.and(`${e}.result = 'succeeded'`);
  // Postgres uses the index of failures and refusals only when the query itself excludes successes.
  else conditions.where((p) => `${e}.result = ${p} and ${e}.result <> 'succeeded'`, result);
  return conditions;
}

function escaped(text: string): string {
  return text.replaceAll(/[\\%_]/g, String.raw`\$&`).replaceAll('\u0000', '\uFFFD');
}
