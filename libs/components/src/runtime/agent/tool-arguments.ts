import { type FieldType, isPlainObject, type Json, type JsonObject, type PlanField } from '@causeway/dag';

/** A field that is an argument of a tool. */
export interface ToolArgument {
  readonly name: string;
  readonly description: string;
  readonly field: PlanField;
}

/** Arguments of a model that cannot be used; the message is for the model. */
export class ToolArgumentError extends Error {
  override readonly name = 'ToolArgumentError';
}

/** Longer lists of options are left out: they cost tokens in every call of the model. */
const MAX_OPTIONS = 50;

/**
 * JSON Schema of a tool's arguments, with types from the fields. A node's own value is the default, unless it contains
 * a secret: a call without the argument uses it anyway.
 *
 * @param mask  masks the secrets in a text
 */
export function argumentSchema(args: readonly ToolArgument[], mask: (text: string) => string): JsonObject {
  const required = args.filter(({ field }) => field.required === true).map(({ name }) => name);
  return {
    type: 'object',
    properties: Object.fromEntries(args.map((arg): [string, Json] => [arg.name, propertySchema(arg, mask)])),
    ...(required.length === 0 ? {} : { required }),
  };
}

/**
 * The fields that a call sets. Arguments that the component does not have are left out, and so are nulls; a value of
 * another type is converted where its meaning is clear.
 *
 * @throws ToolArgumentError naming the argument
 */
export function readArguments(
  given: JsonObject,
  args: readonly ToolArgument[],
): Readonly<Record<string, Json>> {
  const set: [string, Json][] = [];
  for (const { name, field } of args) {
    const value = Object.hasOwn(given, name) ? (given[name] as Json) : null;
    if (value !== null)
      set.push([name, field.list === true ? readList(name, value, field) : readOne(name, value, field)]);
    else if (field.required === true) throw new ToolArgumentError(`The argument ${name} is missing.`);
  }
  return Object.fromEntries(set);
}

function propertySchema(
  { name, description, field }: ToolArgument,
  mask: (text: string) => string,
): JsonObject {
  const options = Array.isArray(field.options)
    ? field.options.filter((option) => typeof option === 'string' && mask(option) === option)
    : [];
  const one: JsonObject = {
    type: jsonType(field.type),
    ...(options.length > 0 && options.length <= MAX_OPTIONS ? { enum: options } : {}),
  };
  const isHidden = field.required === true || holdsSecret(field, mask);
  return {
    title: titleOf(name),
    description,
    ...(field.list === true ? { type: 'array', items: one } : one),
    ...(isHidden || field.value === null ? {} : { default: field.value }),
  };
}

function holdsSecret(field: PlanField, mask: (text: string) => string): boolean {
  if (field.password === true || field.takesCredentials === true) return true;
  const text = typeof field.value === 'string' ? field.value : JSON.stringify(field.value);
  return mask(text) !== text;
}

function jsonType(type: FieldType): 'string' | 'integer' | 'number' | 'boolean' | 'object' {
  switch (type) {
    case 'int':
      return 'integer';
    case 'float':
    case 'slider':
      return 'number';
    case 'bool':
      return 'boolean';
    case 'dict':
    case 'NestedDict':
    case 'table':
      return 'object';
    default:
      return 'string';
  }
}

function readList(name: string, value: Json, field: PlanField): Json {
  const items = Array.isArray(value) ? value : [value];
  return items.map((item) => readOne(name, item, field));
}

function readOne(name: string, value: Json, field: PlanField): Json {
  const type = jsonType(field.type);
  const read = convert(value, type);
  if (read === undefined) throw new ToolArgumentError(`The argument ${name} must be ${type}.`);
  return read;
}

function convert(value: Json, type: ReturnType<typeof jsonType>): Json | undefined {
  switch (type) {
    case 'string':
      return typeof value === 'string' ? value : JSON.stringify(value);
    case 'integer':
    case 'number': {
      const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
      if (typeof number !== 'number' || !Number.isFinite(number)) return undefined;
      return type === 'number' || Number.isInteger(number) ? number : undefined;
    }
    case 'boolean':
      if (value === 'true' || value === 'false') return value === 'true';
      return typeof value === 'boolean' ? value : undefined;
    case 'object':
      return typeof value === 'string' ? parseObject(value) : isPlainObject(value) ? value : undefined;
  }
}

function parseObject(text: string): Json | undefined {
  try {
    const value = JSON.parse(text) as Json;
    return isPlainObject(value) ? value : undefined;
  } catch {
    // The caller reports the needed type to the model.
    return undefined;
  }
}

function titleOf(name: string): string {
  return name.replaceAll('_', ' ').replace(/\b[a-z]/g, (letter) => letter.toUpperCase());
}
