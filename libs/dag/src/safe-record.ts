import { isPlainObject } from './json.js';

// As keys of a plain object these reach the prototype instead of an entry.
const forbiddenNames = new Set(['__proto__', 'constructor', 'prototype']);

/** True for names that no node, type, field or output may have. */
export function isForbiddenName(name: string): boolean {
  return forbiddenNames.has(name);
}

/** A record without prototype: any key is an ordinary key. */
export function emptyRecord<T>(): Record<string, T> {
  return Object.create(null) as Record<string, T>;
}

/** An entry of a record that may have a prototype (it came out of JSON): inherited names are not entries. */
export function entryOf<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

/** The object under a key that a user chose, or an empty object when there is none. */
export function objectEntry(object: Readonly<Record<string, unknown>>, key: string): Record<string, unknown> {
  const member = entryOf(object, key);
  return isPlainObject(member) ? member : {};
}

/**
 * An object member, or an empty object when it is something else. `key` is a constant of the code, never a user's text.
 */
export function objectAt(object: Readonly<Record<string, unknown>>, key: string): Record<string, unknown> {
  const member = object[key];
  return isPlainObject(member) ? member : {};
}

/** A text member, or undefined when it is something else. `key` is a constant of the code. */
export function textAt(object: Readonly<Record<string, unknown>>, key: string): string | undefined {
  const member = object[key];
  return typeof member === 'string' ? member : undefined;
}

/** A list member, or an empty list when it is something else. `key` is a constant of the code. */
export function listAt(object: Readonly<Record<string, unknown>>, key: string): readonly unknown[] {
  const member = object[key];
  return Array.isArray(member) ? (member as unknown[]) : [];
}

/** The texts of a list member; undefined when it is no list. `key` is a constant of the code. */
export function textsAt(object: Readonly<Record<string, unknown>>, key: string): string[] | undefined {
  const member = object[key];
  return Array.isArray(member) ? member.filter((one): one is string => typeof one === 'string') : undefined;
}
