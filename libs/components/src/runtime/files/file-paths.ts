import type { Json } from '@causeway/dag';
import { toTexts } from '../../coerce/to-text.js';
import { asObject, isData, isMessage, isPlain, isTable } from '../../coerce/value.js';
import type { ComponentContext, FieldInput } from '../component.js';
import { readAs } from '../read-field.js';

/**
 * Paths that a file field names: first those of uploaded files, which exports have beside the shown name, then the
 * field's own value.
 */
export function filePaths(context: ComponentContext, field: string): readonly string[] {
  const planned: Json | undefined = Object.hasOwn(context.node.fields, field)
    ? context.node.fields[field]?.filePath
    : undefined;
  const uploaded = [planned ?? []]
    .flat()
    .map(pathText)
    .filter((path) => path !== '');
  return uploaded.length > 0 ? uploaded : readAs(context, field, (input) => toTexts(withPaths(input)));
}

/** Some versions of Langflow write a file as `{path, …}`. */
function pathText(entry: Json): string {
  const path = asObject(entry)?.['path'] ?? entry;
  return typeof path === 'string' ? path : '';
}

function withPaths(input: FieldInput): FieldInput {
  return Array.isArray(input) ? (input as Json[]).map((entry) => pathText(entry) || entry) : input;
}

/** Paths from values of edges: a Message's text, the `file_path` of a Data or of rows. */
export function pathsOf(input: FieldInput): readonly (string | undefined)[] {
  if (input === undefined || input === null || input === '') return [];
  if (isMessage(input)) return input.text.split('\n').filter((line) => line.trim() !== '');
  if (isData(input)) return [pathIn(input.data)];
  if (isTable(input)) return input.rows.map(pathIn);
  if (isPlain(input)) return pathsOf(input.value as FieldInput);
  if (Array.isArray(input)) return (input as readonly FieldInput[]).flatMap(pathsOf);
  return typeof input === 'string' ? [input] : [pathIn(asObject(input) ?? {})];
}

function pathIn(members: { readonly [key: string]: Json }): string | undefined {
  const path = members['file_path'];
  return typeof path === 'string' ? path : undefined;
}
