import type { z } from 'zod';

type Issue = z.core.$ZodIssue;

/** Every problem of a value, each with its place, such as `query.limit: must be at most 1000`. */
export function problemsOf(error: z.ZodError, part?: string): string[] {
  return error.issues.map((issue) => {
    const place = [...(part === undefined ? [] : [part]), ...issue.path].map(String).join('.');
    return place === '' ? issueText(issue) : `${place}: ${issueText(issue)}`;
  });
}

/** What the validator says where a schema has no sentence of its own. */
const GENERIC = /^(Invalid|Too (big|small)|Unrecognized)/;

/** What a value must be, in plain words: the schema's own sentence, if it has one. */
export function issueText(issue: Issue): string {
  if (!GENERIC.test(issue.message)) return issue.message;
  switch (issue.code) {
    case 'invalid_type':
      return issue.message.endsWith('received undefined')
        ? 'is missing'
        : `must be ${typeNames.get(issue.expected) ?? issue.expected}`;
    case 'too_big':
      return `must ${boundOf(issue.origin, 'at most', issue.maximum, issue.exact)}`;
    case 'too_small':
      return `must ${boundOf(issue.origin, 'at least', issue.minimum, issue.exact)}`;
    case 'invalid_format':
      return formats.get(issue.format) ?? `must have the form ${issue.pattern ?? issue.format}`;
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`;
    case 'unrecognized_keys':
      return `must have no member ${issue.keys.map((key) => JSON.stringify(key)).join(', ')}`;
    case 'invalid_value':
      return `must be ${issue.values.length === 1 ? '' : 'one of '}${issue.values.map((value) => JSON.stringify(value)).join(', ')}`;
    default:
      return issue.message;
  }
}

const typeNames: ReadonlyMap<string, string> = new Map([
  ['string', 'a text'],
  ['number', 'a number'],
  ['int', 'a whole number'],
  ['boolean', 'true or false'],
  ['array', 'a list'],
  ['object', 'an object'],
  ['record', 'an object'],
]);

const formats: ReadonlyMap<string, string> = new Map([
  ['uuid', 'must be an id, such as 0198c6de-5b1f-7c3a-9f50-2d6f0a3b9c11'],
  ['datetime', 'must be a time, such as 2026-01-31T12:00:00Z'],
  ['date', 'must be a day, such as 2026-01-31'],
  ['url', 'must be an address, such as https://example.com'],
]);

function boundOf(origin: string, which: string, limit: number | bigint, exact: boolean | undefined): string {
  const most = exact === true ? String(limit) : `${which} ${limit}`;
  if (origin === 'string') return `have ${most} characters`;
  return ['array', 'set', 'map', 'object'].includes(origin) ? `have ${most} members` : `be ${most}`;
}
