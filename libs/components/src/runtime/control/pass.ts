import type { ComponentRuntime } from '../component.js';
import { readMessage } from '../read-field.js';

/** Sends a message on. */
export const pass: ComponentRuntime = {
  type: 'Pass',
  async run(context) {
    return { outputs: { output_message: readMessage(context, 'input_message') } };
  },
};
