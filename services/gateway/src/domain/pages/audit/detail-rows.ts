/** A member of an event's details: what it is, and what it was before where the event tells. */
export interface DetailRow {
  readonly name: string;
  /** Absent where it is not any more. */
  readonly now?: string;
  readonly before?: string;
}

const MOST_ROWS = 100;

/**
 * The members of an event's details in their order. `formerName` and a member of `former` stand beside the member that they were before; a member
 * without its own row, such as the name of the object, is found in `around`.
 */
export function detailRows(
  detail: Readonly<Record<string, unknown>>,
  around: Readonly<Record<string, unknown>> = {},
): DetailRow[] {
  const before = new Map<string, unknown>();
  const now = new Map<string, unknown>();
  for (const [name, value] of Object.entries(detail)) {
    const [, formerly] = /^former([A-Z].*)$/.exec(name) ?? [];
    if (formerly !== undefined) before.set(formerly[0]?.toLowerCase() + formerly.slice(1), value);
    else if (name === 'former' && isObject(value))
      for (const [member, was] of Object.entries(value)) before.set(member, was);
    else now.set(name, value);
  }
  const names = [...now.keys(), ...[...before.keys()].filter((name) => !now.has(name))];
  return names.slice(0, MOST_ROWS).map((name) => {
    const is = now.has(name) ? now.get(name) : around[name];
    return {
      name,
      ...(is !== undefined && { now: textOf(is) }),
      ...(before.has(name) && { before: textOf(before.get(name)) }),
    };
  });
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === null) return '–';
  const isPlainList =
    Array.isArray(value) && value.every((item) => typeof item === 'string' || typeof item === 'number');
  return isPlainList ? value.join(', ') : JSON.stringify(value, undefined, 1);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
