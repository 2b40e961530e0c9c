import { fillFromData } from '../../coerce/text/fill-from-data.js';
import { textsOf } from '../../coerce/limits.js';
import { dataOf, messageOf } from '../../coerce/value.js';
import type { Value } from '../../specs/values.js';
import { askedOutputs } from '../asked-outputs.js';
import type { ComponentRuntime } from '../component.js';
import { readAs, readDataList, readSeparator } from '../read-field.js';
import { toText } from '../../coerce/to-text.js';

/** Writes each Data by a template: all as one text, or each as a Data with that text. */
export const parseData: ComponentRuntime = {
  type: 'ParseData',
  async run(context) {
    const items = readDataList(context, 'data');
    const texts = readAs(context, 'template', (input) =>
      textsOf(items, (item) => fillFromData(toText(input), item)),
    );
    const list = items.map((item, index) =>
      dataOf({ ...item.data, [item.textKey ?? 'text']: texts[index] ?? '' }),
    );
    return {
      outputs: askedOutputs<Value>(context, {
        text: () => messageOf(texts.join(readSeparator(context, 'sep'))),
        data_list: () => ({ kind: 'plain', value: list }),
      }),
    };
  },
};
