import type { Json } from '@causeway/dag';
import type { Attribute } from './attributes.js';
import type { Comparison, Filter } from './filter.js';
import { lastOf, type AttributePath } from './paths.js';

/** A resource, or a value of one of its attributes, in SCIM's names. */
export type Fields = Readonly<Record<string, Json>>;

/** Whether a resource, or one value of a multi-valued attribute, is what a filter describes. Pure. */
export function matches(filter: Filter, fields: Fields): boolean {
  switch (filter.kind) {
    case 'and':
      return filter.of.every((one) => matches(one, fields));
    case 'or':
      return filter.of.some((one) => matches(one, fields));
    case 'not':
      return !matches(filter.of, fields);
    case 'present':
      return valuesAt(fields, filter.path).some(isPresent);
    case 'each':
      return valuesAt(fields, filter.path).some((one) => isFields(one) && matches(filter.of, one));
    case 'compare':
      return compares(filter, fields);
  }
}

/** The values at a path; those of a multi-valued attribute one by one. */
function valuesAt(fields: Fields, path: AttributePath): Json[] {
  return path.reduce<Json[]>(
    (values, { name }) =>
      values.flatMap((value) => {
        const found = isFields(value) ? value[name] : undefined;
        return found === undefined || found === null ? [] : Array.isArray(found) ? found : [found];
      }),
    [fields],
  );
}

function compares({ path, operator, value }: Comparison, fields: Fields): boolean {
  const attribute = lastOf(path);
  const wanted = comparable(attribute, value as string | boolean);
  const found = valuesAt(fields, path).map((one) => comparable(attribute, one as string | boolean));
  const some = (fits: (one: string | number | boolean) => boolean): boolean => found.some(fits);
  switch (operator) {
    case 'eq':
      return some((one) => one === wanted);
    case 'ne':
      return !some((one) => one === wanted);
    case 'co':
      return some((one) => String(one).includes(String(wanted)));
    case 'sw':
      return some((one) => String(one).startsWith(String(wanted)));
    case 'ew':
      return some((one) => String(one).endsWith(String(wanted)));
    case 'gt':
      return some((one) => one > wanted);
    case 'ge':
      return some((one) => one >= wanted);
    case 'lt':
      return some((one) => one < wanted);
    case 'le':
      return some((one) => one <= wanted);
  }
}

function comparable({ type, isCaseExact }: Attribute, value: string | boolean): string | number | boolean {
  if (typeof value !== 'string') return value;
  if (type === 'dateTime') return Date.parse(value);
  return isCaseExact ? value : value.toLowerCase();
}

function isPresent(value: Json): boolean {
  return value !== '' && !(isFields(value) && Object.keys(value).length === 0);
}

function isFields(value: Json | undefined): value is Fields & Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
