import { isPlainObject, type Json, type JsonObject } from '../json.js';
import { textAt } from '../safe-record.js';
import { isSecretMember, isSecretName } from './secret-name.js';
import { secretSteps } from './secrets-in-text.js';
import { type Steps, atOnce, pieceCounter } from './steps.js';
import { looksLikeVariableName } from './variable-name.js';

/** A value that is a secret as a whole because of its place. */
export interface NamedSecret {
  readonly value: string;
  /** The name of its header or member; empty for a secret field itself. */
  readonly name: string;
  /** Whether Langflow marks it as the name of a variable. */
  readonly isMarked: boolean;
}

/** How secrets are replaced. Both functions return the replacement. */
export interface SecretVisitor {
  /** Replaces a value that is a secret as a whole. */
  readonly whole: (secret: NamedSecret) => string;
  /** Replaces the secrets inside any other text. */
  readonly text: (text: string, isHeaders: boolean) => string;
}

/** The place of a value. */
export interface SecretPlace {
  /** The field or member that contains it. */
  readonly name: string;
  /** Whether it is a secret as a whole: then all of its texts and numbers are secrets. */
  readonly isSecret?: boolean;
  /** Whether its rows and members are headers. */
  readonly isHeaders?: boolean;
}

/** Columns of a row that name variables, as Langflow marks them. */
const ROW_MARK = '__load_from_db_fields';

/**
 * The only rule for secrets in a value: a text or number is a secret if its member or the key of its row has the name of a secret, and
 * in any other text the secrets are those that `secretsInText` finds.
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

/** The name of a member. In a row of key and value, the name of the value is the text of the key, and the key has no name. */
function nameIn(object: Record<string, unknown>, row: string | undefined, member: string): string {
  if (member === ROW_MARK || (member === 'key' && Object.hasOwn(object, 'value'))) return '';
  return member === 'value' && typeof object['value'] !== 'object' ? (row ?? member) : member;
}

function isNamed(text: string, { name, isSecret, isHeaders }: SecretPlace): boolean {
  if (isSecret === true) return true;
  return isHeaders === true ? isSecretName(name) : isSecretMember(name, text);
}

/** A secret in a value. */
export interface FoundSecret {
  /** Decoded. */
  readonly value: string;
  /** Its name in errors. */
  readonly what: string;
  /** Whether Langflow marks it as the name of a variable. */
  readonly isMarked: boolean;
}

/** The secrets in a value. Outside secret fields, a text that looks like the name of a variable is not a secret. */
export function secretsIn(value: Json, place: SecretPlace): FoundSecret[] {
  return atOnce(secretsInSteps(value, place));
}

/** The same in steps, since a value may have a million texts, or texts of millions of characters. */
export function* secretsInSteps(value: Json, place: SecretPlace): Steps<FoundSecret[]> {
  const found: FoundSecret[] = [];
  const texts: { readonly text: string; readonly isHeaders: boolean }[] = [];
  visitSecrets(value, place, {
    whole: ({ value: whole, name, isMarked }) => {
      if (place.isSecret === true || !looksLikeVariableName(whole, true))
        found.push({ value: whole, what: name, isMarked });
      return whole;
    },
    text: (text, isHeaders) => {
      texts.push({ text, isHeaders });
      return text;
    },
  });
  const isEnough = pieceCounter();
  for (const { text, isHeaders } of texts) {
    if (isEnough()) yield;
    for (const { value: inText, what } of yield* secretSteps(text, isHeaders)) {
      if (isEnough()) yield;
      found.push({ value: inText, what, isMarked: false });
    }
  }
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
    // `defineProperty` is used because the name of a member may be __proto__.
    Object.defineProperty(changed, name, { value, writable: true, enumerable: true, configurable: true });
  }
  return changed ?? object;
}
