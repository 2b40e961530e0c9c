import { isPlainObject, type Json, type JsonObject } from '../json.js';
import { textAt } from '../safe-record.js';
import { isSecretMember, isSecretName } from './secret-name.js';
import { secretsInText } from './secrets-in-text.js';
import { looksLikeVariableName } from './variable-name.js';

/** A value that is a secret as a whole, by where it stands. */
export interface NamedSecret {
  readonly value: string;
  /** What names it: a header, a member; empty for a secret field itself. */
  readonly name: string;
  /** Langflow's mark says that it is the name of a variable. */
  readonly isMarked: boolean;
}

/** What is done with secrets: both give what is to stand in the place of one. */
export interface SecretVisitor {
  /** Of a value that is one as a whole. */
  readonly whole: (secret: NamedSecret) => string;
  /** Of any other text: it may hold some. */
  readonly text: (text: string, isHeaders: boolean) => string;
}

/** Where a value stands. */
export interface SecretPlace {
  /** The field or member that holds it. */
  readonly name: string;
  /** It is a secret as a whole: all of its texts and numbers are. */
  readonly isSecret?: boolean;
  /** Its rows and members are headers. */
  readonly isHeaders?: boolean;
}

/** Columns of a row that name variables, as Langflow marks them. */
const ROW_MARK = '__load_from_db_fields';

/**
 * The rule of what is secret in a value, wherever it is used: texts and numbers that are named as secret by their member or their
 * row's key, and what `secretsInText` finds in any other text.
 *
 * @returns  a value that shares what did not change
 */
export function visitSecrets(value: Json, place: SecretPlace, visitor: SecretVisitor): Json {
  return visit(value, place, false, visitor);
}

function visit(value: Json, place: SecretPlace, isMarked: boolean, visitor: SecretVisitor): Json {
  if (typeof value === 'string' || typeof value === 'number') {
    const text = String(value);
    if (text === '') return value;
    if (!isNamed(text, place))
      return typeof value === 'string' ? visitor.text(value, place.isHeaders === true) : value;
    const shown = visitor.whole({ value: text, name: place.isSecret === true ? '' : place.name, isMarked });
    return shown === text ? value : shown;
  }
  if (Array.isArray(value)) return mapList(value, (one) => visit(one, place, isMarked, visitor));
  if (!isPlainObject(value)) return value;
  const row = textAt(value, 'key') ?? textAt(value, 'name');
  const marked = value[ROW_MARK];
  return mapMembers(value as JsonObject, (one, member) => {
    const isMember = Array.isArray(marked) && marked.includes(member);
    return visit(one, { ...placeIn(place, member), name: nameIn(value, row, member) }, isMember, visitor);
  });
}

function placeIn(place: SecretPlace, member: string): SecretPlace {
  return member === 'headers' ? { ...place, isHeaders: true } : place;
}

/** What a member is called: in a row of key and value, the value is called as the key says, and the key is nothing. */
function nameIn(object: Record<string, unknown>, row: string | undefined, member: string): string {
  if (member === ROW_MARK || (member === 'key' && Object.hasOwn(object, 'value'))) return '';
  return member === 'value' && typeof object['value'] !== 'object' ? (row ?? member) : member;
}

function isNamed(text: string, { name, isSecret, isHeaders }: SecretPlace): boolean {
  if (isSecret === true) return true;
  return isHeaders === true ? isSecretName(name) : isSecretMember(name, text);
}

/** The secrets in a value, decoded. Outside of secret fields, what looks like the name of a variable is none. */
export function secretsIn(
  value: Json,
  place: SecretPlace,
): { readonly value: string; readonly what: string; readonly isMarked: boolean }[] {
  const found: { value: string; what: string; isMarked: boolean }[] = [];
  visitSecrets(value, place, {
    whole: ({ value: whole, name, isMarked }) => {
      if (place.isSecret === true || !looksLikeVariableName(whole, true))
        found.push({ value: whole, what: name, isMarked });
      return whole;
    },
    text: (text, isHeaders) => {
      for (const span of secretsInText(text, isHeaders))
        found.push({ value: span.value, what: span.what, isMarked: false });
      return text;
    },
  });
  return found;
}

/** A list that shares what did not change. */
export function mapList(list: Json[], change: (one: Json) => Json): Json[] {
  const changed = list.map(change);
  return changed.every((one, index) => one === list[index]) ? list : changed;
}

/** An object that shares what did not change. */
export function mapMembers(object: JsonObject, change: (one: Json, name: string) => Json): JsonObject {
  let changed: JsonObject | undefined;
  for (const name of Object.keys(object)) {
    const one = object[name] as Json;
    const value = change(one, name);
    if (value === one) continue;
    changed ??= { ...object };
    // Defined, since a member may be called __proto__.
    Object.defineProperty(changed, name, { value, writable: true, enumerable: true, configurable: true });
  }
  return changed ?? object;
}
