import { convertToData, convertToMessage, convertToTable } from '../../coerce/convert.js';
import type { Value } from '../../specs/values.js';
import { askedOutputs } from '../asked-outputs.js';
import type { ComponentRuntime } from '../component.js';
import { readAs, readFlag } from '../read-field.js';

/** Converts its input to a Message, Data or table, as requested. */
export const typeConverter: ComponentRuntime = {
  type: 'TypeConverterComponent',
  async run(context) {
    const parse = readFlag(context, 'auto_parse');
    return {
      outputs: askedOutputs<Value>(context, {
        message_output: () => readAs(context, 'input_data', convertToMessage),
        data_output: () => readAs(context, 'input_data', (input) => convertToData(input, parse)),
        dataframe_output: () => readAs(context, 'input_data', (input) => convertToTable(input, parse)),
      }),
    };
  },
};
