import { messageOf } from '../../coerce/value.js';
import type { ComponentRuntime } from '../component.js';
import { readText } from '../read-field.js';

/** Gives a text as the answer, without storing it. */
export const textOutput: ComponentRuntime = {
  type: 'TextOutput',
  async run(context) {
    return { outputs: { text: messageOf(readText(context, 'input_value')) } };
  },
};
