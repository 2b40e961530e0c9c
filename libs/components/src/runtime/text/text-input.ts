import { messageOf } from '../../coerce/value.js';
import type { ComponentRuntime } from '../component.js';
import { readText } from '../read-field.js';

/** Gives a text as a message. */
export const textInput: ComponentRuntime = {
  type: 'TextInput',
  async run(context) {
    return { outputs: { text: messageOf(readText(context, 'input_value')) } };
  },
};
