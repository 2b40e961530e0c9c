import { toText } from '../../coerce/to-text.js';
import { messageOf } from '../../coerce/value.js';
import type { ComponentRuntime } from '../component.js';
import { readAs, readSeparator, readTable } from '../read-field.js';
import { rowTexts } from './parser.js';

/** Writes each row of a table by a template, as one text. */
export const parseDataFrame: ComponentRuntime = {
  type: 'ParseDataFrame',
  async run(context) {
    const table = readTable(context, 'df');
    const texts = readAs(context, 'template', (input) => rowTexts(toText(input), table));
    return { outputs: { text: messageOf(texts.join(readSeparator(context, 'sep'))) } };
  },
};
