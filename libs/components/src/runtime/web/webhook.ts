import type { Json } from '@causeway/dag';
import { isPlainObject } from '@causeway/dag';
import { asObject, dataOf, isValue } from '../../coerce/value.js';
import type { ComponentRuntime, FieldInput } from '../component.js';
import { readInput, readText } from '../read-field.js';

/** Gives the body of a webhook call as Data; a body that is no JSON object becomes its `payload`. */
export const webhook: ComponentRuntime = {
  type: 'Webhook',
  async run(context) {
    const input: FieldInput = readInput(context, 'data');
    const object = isValue(input) ? undefined : asObject(input);
    return {
      outputs: { output_data: object === undefined ? bodyData(readText(context, 'data')) : dataOf(object) },
    };
  },
};

function bodyData(body: string): ReturnType<typeof dataOf> {
  if (body.trim() === '') return dataOf({});
  let parsed: Json;
  try {
    parsed = JSON.parse(body) as Json;
  } catch {
    return dataOf({ payload: body });
  }
  return dataOf(isPlainObject(parsed) ? parsed : { payload: parsed });
}
