import { isPlainObject, type Json } from '@causeway/dag';
import { toTexts } from '../../coerce/to-text.js';
import type { ComponentContext, FieldInput } from '../component.js';
import { nodeFailed } from '../node-failed.js';
import { readAs } from '../read-field.js';
import { isSecretHeader, toHeaders, withScheme } from './request-parts.js';

/** Columns of a row that name variables, as Langflow marks them. */
const rowMark = '__load_from_db_fields';

/**
 * Who may run a flow may use its secrets, not have them: what the flow puts into headers, query and body goes to the origins
 * that the flow names.
 *
 * @param addressFields  fields that hold URLs
 * @throws CausewayError `NODE_FAILED` when the request names another origin, and secrets of the flow would go there
 */
export function checkOwnSecrets(context: ComponentContext, addressFields: readonly string[]): void {
  const isElsewhere = addressFields.some((field) => {
    if (!context.requestFields.has(field)) return false;
    const own = originsOf(context.requestFields.get(field));
    return originsOf(context.inputs[field]).some((origin) => !own.includes(origin));
  });
  if (!isElsewhere) return;
  const secret = ['headers', 'query_params', 'body'].find((field) => holdsSecret(context, field));
  if (secret === undefined) return;
  throw nodeFailed(
    context,
    `the request names another address, and the secrets that the flow has in field ${secret} are not sent there; give ${secret} with the request too.`,
  );
}

function originsOf(input: FieldInput): readonly (string | undefined)[] {
  try {
    const urls = toTexts(input).flatMap((text) => text.split(','));
    return urls.map((url) => URL.parse(withScheme(url))?.origin);
  } catch {
    // No text, so no origin.
    return [];
  }
}

/** Whether a field that the request left alone has a variable that the request did not bring, or a header that is named as a secret. */
function holdsSecret(context: ComponentContext, field: string): boolean {
  if (context.requestFields.has(field)) return false;
  const value = context.node.fields[field]?.value;
  const rows = (Array.isArray(value) ? value : []).filter((row) => variablesOf(row).length > 0);
  const isBrought = (name: string): boolean => context.requestVariables?.[name.toUpperCase()] !== undefined;
  if (!rows.flatMap(variablesOf).every(isBrought)) return true;
  if (field !== 'headers') return false;
  const brought = rows.map((row) => (row as Record<string, Json>)['key']);
  const names = Object.keys(readAs(context, field, toHeaders));
  return names.some((name) => isSecretHeader(name) && !brought.includes(name));
}

function variablesOf(row: Json): readonly string[] {
  if (!isPlainObject(row) || !Array.isArray(row[rowMark])) return [];
  const named = (row[rowMark] as unknown[]).map((column) => row[String(column)]);
  return named.filter((name): name is string => typeof name === 'string' && name !== '');
}
