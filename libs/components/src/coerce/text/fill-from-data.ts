import type { Json, JsonObject } from '@causeway/dag';
import type { DataValue } from '../../specs/values.js';
import { fillTemplate } from './fill-template.js';
import { asObject } from '../value.js';

/**
 * Fills a template from a Data with the names that Langflow accepts: members of the Data, of a `data` object inside it,
 * `{data}` for all of them, an `error` when its text is missing. Any other missing name is empty.
 */
export function fillFromData(template: string, value: DataValue): string {
  const members = new Map<string, Json>(Object.entries(value.data));
  const inner: JsonObject | undefined = asObject(value.data['data']);
  if (inner !== undefined) for (const [key, member] of Object.entries(inner)) members.set(key, member);
  else if (members.get('error')) members.set('text', members.get('error') as Json);
  members.set('data', value.data);
  return fillTemplate(template, (name) => members.get(name) ?? '');
}
