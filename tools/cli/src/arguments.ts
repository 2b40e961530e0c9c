import { AuditEvent, permissions } from '@causeway/contracts';
import { RunStatus } from '@causeway/dag';

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const MOST_ROWS = 500;

/** The command that lists ids of this kind. */
const LISTED_BY = {
  run: 'npx causeway runs',
  key: 'npx causeway keys, or npx causeway accounts keys ACCOUNT',
  'role binding': 'the last column of npx causeway members',
} as const;

/** Whether a text has the form of an id. */
export function isId(text: string): boolean {
  return ID.test(text);
}

/** An id of a run, a key or a role binding. @throws Error that names the command that lists ids */
export function parseId(kind: keyof typeof LISTED_BY, text: string): string {
  if (isId(text)) return text;
  throw new Error(`"${text}" is not the id of a ${kind}; see: ${LISTED_BY[kind]}`);
}

/** How many rows to list. @throws Error naming the option */
export function parseLimit(text: string): number {
  const limit = /^\d+$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= MOST_ROWS) return limit;
  throw new Error(`--limit ${text} is not a whole number from 1 to ${MOST_ROWS}`);
}

/** A state that runs are in. @throws Error that lists them */
export function parseStatus(text: string): RunStatus {
  const statuses = Object.values(RunStatus);
  const status = statuses.find((each) => each === text);
  if (status !== undefined) return status;
  throw new Error(`--status ${text} is not a state of a run; the states are ${statuses.join(', ')}`);
}

/** A moment, as ISO 8601. @throws Error naming the option */
export function parseTime(option: string, text: string): string {
  const time = new Date(text);
  if (!Number.isNaN(time.getTime())) return time.toISOString();
  throw new Error(`${option} ${text} is not a time; write it as 2027-01-31 or 2027-01-31T12:00:00Z`);
}

/** A number of hours, also a part of one. @throws Error naming the option */
export function parseHours(option: string, text: string): number {
  const hours = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
  if (hours <= 720) return hours;
  throw new Error(`${option} ${text} is not a number of hours from 0 to 720`);
}

/** How an audited act ended. @throws Error that lists the ways */
export function parseResult(text: string): AuditEvent['result'] {
  const results = AuditEvent.shape.result.options;
  const result = results.find((each) => each === text);
  if (result !== undefined) return result;
  throw new Error(`--result ${text} is not a result; the results are ${results.join(', ')}`);
}

/** Permissions of a key. @throws Error that lists them */
export function parsePermissions(text: string): string[] {
  const wanted = text.split(',').map((permission) => permission.trim());
  const unknown = wanted.filter((permission) => !(permissions as readonly string[]).includes(permission));
  if (unknown.length === 0) return wanted;
  throw new Error(
    `--permissions: there is no "${unknown.join('", "')}"; the permissions are ${permissions.join(', ')}`,
  );
}

/** Tweaks of a run. @throws Error when it is anything but a JSON object */
export function parseTweaks(text: string): object {
  const expected = 'write a JSON object, such as {"Prompt-t2oaK": {"template": "Hello"}}';
  let tweaks: unknown;
  try {
    tweaks = JSON.parse(text);
  } catch (error) {
    throw new Error(`--tweaks is not JSON: ${(error as Error).message}; ${expected}`, { cause: error });
  }
  if (typeof tweaks === 'object' && tweaks !== null && !Array.isArray(tweaks)) return tweaks;
  throw new Error(`--tweaks is JSON, but not an object: ${expected}`);
}
