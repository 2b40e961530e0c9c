import { isPlainObject, keysIn } from '@causeway/dag';
import type { Json, Plan, PlanField } from '@causeway/dag';
import { parseCurl } from '../web/parse-curl.js';
import { isVariableName, textsIn } from './literal-origins.js';
import { type Secret, isSecretName, isSecretMember } from './secret.js';

/** Columns of a row that name variables, as Langflow marks them. */
const ROW_MARK = '__load_from_db_fields';

/** The secrets that stand in a flow itself: in its secret fields, and where headers, bodies and commands name one. */
export function literalSecrets(plan: Plan): readonly Secret[] {
  return Object.values(plan.nodes).flatMap((node) =>
    Object.entries(node.fields).flatMap(([name, field]) =>
      valuesIn(name, field).map(([what, value]) => ({
        value: withoutAuthScheme(value),
        label: `the value of ${what} on "${node.displayName}" (${node.id})`,
      })),
    ),
  );
}

type Found = readonly [what: string, value: string];

function valuesIn(name: string, field: PlanField): readonly Found[] {
  const { value } = field;
  const where = `field "${field.displayName}"`;
  if (typeof value === 'string') {
    if (name.startsWith('curl')) return inCommand(value);
    if (field.password === true)
      return value.trim() === '' || isVariableName(field) ? [] : [[where, value.trim()]];
    return [
      ...inQuery(name === 'query_params' ? value : value.replace(/^[^?]*\??/, ''), where),
      ...inJson(value, name === 'headers' ? isSecretName : isSecretMember, where),
      ...keys(value, where),
    ];
  }
  const shaped = [...textsIn(value)].flatMap((text) => keys(text, where));
  if (field.takesCredentials === true || name === 'query_params')
    return [...inMembers(value, name === 'headers' ? isSecretName : isSecretMember, where), ...shaped];
  const queries = [...textsIn(value)].flatMap((text) => inQuery(text.replace(/^[^?]*\??/, ''), where));
  return [...queries, ...shaped];
}

/** Parameters that are named as secret, of a query or of an address with one. */
function inQuery(query: string, where: string): Found[] {
  if (query === '' || !/^[\w.%+*-]+=/.test(query)) return [];
  return [...new URLSearchParams(query.replace(/#.*$/s, ''))]
    .filter(([name, value]) => value !== '' && isSecretMember(name, value))
    .map(([name, value]): Found => [`${name} in ${where}`, value]);
}

/** What has the shape of a key, wherever it stands. */
function keys(text: string, where: string): Found[] {
  return keysIn(text).map((key): Found => [`a key in ${where}`, key]);
}

/** The secrets of a text that is JSON. */
function inJson(text: string, isSecret: typeof isSecretMember, where: string): Found[] {
  if (!/^\s*[[{]/.test(text)) return [];
  try {
    return inMembers(JSON.parse(text) as Json, isSecret, where);
  } catch {
    return [];
  }
}

/** Rows of key and value, and members of objects, that are named as secret. */
function inMembers(value: Json, isSecret: typeof isSecretMember, where: string): Found[] {
  const found: Found[] = [];
  const open: Json[] = [value];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next !== 'object' || next === null) continue;
    if (!isPlainObject(next)) {
      for (const one of next) open.push(one);
      continue;
    }
    const { key, value: ofRow, [ROW_MARK]: marked } = next as Record<string, Json | undefined>;
    const members =
      typeof key === 'string' && ofRow !== undefined ? [[key, ofRow] as const] : Object.entries(next);
    for (const [name, member] of members as [string, Json][]) {
      if (typeof member === 'number' && isSecret(name, String(member)))
        found.push([`${name} in ${where}`, String(member)]);
      if (typeof member !== 'string') open.push(member);
      else if (/^\s*[[{]/.test(member)) found.push(...inJson(member, isSecretMember, where));
      else if (
        member.trim() !== '' &&
        isSecret(name, member) &&
        !isMarked(marked, typeof key === 'string' ? 'value' : name)
      )
        found.push([`${name} in ${where}`, member.trim()]);
    }
  }
  return found;
}

function isMarked(marked: Json | undefined, column: string): boolean {
  return Array.isArray(marked) && (marked as Json[]).includes(column);
}

function inCommand(command: string): readonly Found[] {
  try {
    const { headers, body } = parseCurl(command);
    const inHeaders = Object.entries(headers).filter(([name]) => isSecretName(name));
    const where = 'the curl command';
    return [
      ...inHeaders.map(([name, value]): Found => [`header ${name} in ${where}`, value]),
      ...inJson(body ?? '', isSecretMember, where),
      ...inQuery(body ?? '', where),
      ...keys(command, where),
    ];
  } catch {
    // No command that could be carried out.
    return [];
  }
}

function withoutAuthScheme(value: string): string {
  return /^(?:Basic|Bearer|Token|ApiKey)\s+(\S.*)$/is.exec(value)?.[1] ?? value;
}
