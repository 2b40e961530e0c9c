import type { ComponentRuntime } from '../component.js';
import { filePaths } from '../files/file-paths.js';
import { readText } from '../read-field.js';
import { giveMessage } from './give-message.js';

/** Puts the chat message of the request into the flow and the history. */
export const chatInput: ComponentRuntime = {
  type: 'ChatInput',
  async run(context) {
    const message = giveMessage(context, {
      text: readText(context, 'input_value'),
      files: filePaths(context, 'files'),
    });
    return { outputs: { message } };
  },
};
