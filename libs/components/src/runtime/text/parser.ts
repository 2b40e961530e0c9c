import { joinShort, shortText } from '@causeway/dag';
import { CoerceError } from '../../coerce/coerce-error.js';
import { fillTemplate } from '../../coerce/text/fill-template.js';
import { textsOf } from '../../coerce/limits.js';
import { toDataList } from '../../coerce/to-data.js';
import { toDisplayText } from '../../coerce/to-display-text.js';
import { columnsOf } from '../../coerce/to-table.js';
import { isTable, messageOf } from '../../coerce/value.js';
import type { TableValue } from '../../specs/values.js';
import type { ComponentContext, ComponentRuntime, FieldInput } from '../component.js';
import { fieldInvalid } from '../node-failed.js';
import { readAs, readFlag, readInput, readSeparator, readText } from '../read-field.js';

/** Writes Data or a table as text: by a template per row or item, or as a whole. */
export const parser: ComponentRuntime = {
  type: 'ParserComponent',
  async run(context) {
    const stringify = readText(context, 'mode') === 'Stringify';
    const text = stringify ? wholeText(context) : linesOf(context).join(readSeparator(context, 'sep'));
    return { outputs: { parsed_text: messageOf(text) } };
  },
};

function wholeText(context: ComponentContext): string {
  const clean = readFlag(context, 'clean_data');
  return readAs(context, 'input_data', (input) => toDisplayText(input, clean));
}

function linesOf(context: ComponentContext): readonly string[] {
  const pattern = readText(context, 'pattern');
  const input: FieldInput = readInput(context, 'input_data');
  const items = isTable(input) ? undefined : readAs(context, 'input_data', toDataList);
  try {
    if (items === undefined) return rowTexts(pattern, input as TableValue);
    return textsOf(items, ({ data, defaultValue }) =>
      fillTemplate(pattern, (name) =>
        Object.hasOwn(data, name) ? (data[name] ?? null) : (defaultValue ?? ''),
      ),
    );
  } catch (error) {
    if (error instanceof CoerceError)
      throw fieldInvalid(context, `the template ${error.message}.`, { cause: error });
    throw error;
  }
}

/** One text per row. A cell that a row lacks is empty; a column that no row has is an error. */
export function rowTexts(pattern: string, table: TableValue): readonly string[] {
  const columns = new Set(columnsOf(table.rows));
  return textsOf(table.rows, (row) =>
    fillTemplate(pattern, (name) => {
      if (Object.hasOwn(row, name)) return row[name] ?? '';
      if (columns.has(name)) return '';
      throw new CoerceError(
        `uses {${name.slice(0, 40)}}, but the table has no such column (columns: ${joinShort([...columns].map(shortName), ', ', 20)})`,
      );
    }),
  );
}

function shortName(name: string): string {
  return shortText(name, 60);
}
