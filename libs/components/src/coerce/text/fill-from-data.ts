import type { Json, JsonObject } from '@causeway/dag';
import type { DataValue } from '../../specs/values.js';
import { fillTemplate } from './fill-template.js';
import { asObject } from '../value.js';

/**
 * A Data by a template, with upstream's reach: members of the Data, of a `data` object inside it, `{data}` for all of
 * them, an `error` for a missing text. Anything else missing is empty.
 */
export function fillFromData(template: string, value: DataValue): string {
  const members = new Map<string, Json>(Object.entries(value.data));
  const inner: JsonObject | undefined = asObject(value.data['data']);
  if (inner !== undefined) for (const [key, member] of Object.entries(inner)) members.set(key, member);
  else if (members.get('error')) members.set('text', members.get('error') as Json);
  members.set('data', value.data);
  return fillTemplate(template, (name) => members.get(name) ?? '');
}
