import type { Json, JsonObject } from '@causeway/dag';
import { isPlainObject } from '@causeway/dag';
import { parse as parseYaml } from 'yaml';
import { CoerceError } from '../../coerce/coerce-error.js';
import { parseCsv } from '../../coerce/text/parse-csv.js';
import { endingOf } from './read-text-file.js';

/**
 * The values of a structured text: rows of CSV and TSV, the value of JSON and YAML, the values of JSON lines; undefined
 * for any other kind of text.
 *
 * @throws CoerceError naming the file and the position that cannot be read
 */
export function parseFile(name: string, text: string): Json | undefined {
  try {
    switch (endingOf(name)) {
      case 'csv':
        return [...parseCsv(text)];
      case 'tsv':
        return [...parseCsv(text, '\t')];
      case 'json':
        return JSON.parse(text.replace(/^\uFEFF/, '')) as Json;
      case 'jsonl':
      case 'ndjson':
        return text
          .split('\n')
          .filter((line) => line.trim() !== '')
          .map((line) => JSON.parse(line) as Json);
      case 'yaml':
      case 'yml':
        return asJson(parseYaml(text));
      default:
        return undefined;
    }
  } catch (error) {
    if (error instanceof CoerceError) throw new CoerceError(`${name} ${error.message}`);
    throw new CoerceError(
      `${name} cannot be read as ${endingOf(name).toUpperCase()}: ${(error as Error).message.split('\n')[0]}`,
    );
  }
}

/** A structured value as rows of a table. */
export function rowsOfValue(value: Json): readonly JsonObject[] {
  const list = Array.isArray(value) ? value : [value];
  return list.map((item) => (isPlainObject(item) ? (item as JsonObject) : { value: item }));
}

// YAML may contain dates and sets; JSON may not.
function asJson(value: unknown): Json {
  return JSON.parse(JSON.stringify(value ?? null)) as Json;
}
