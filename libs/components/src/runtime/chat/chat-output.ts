import { toDisplayText } from '../../coerce/to-display-text.js';
import { isMessage } from '../../coerce/value.js';
import type { ComponentRuntime } from '../component.js';
import { readAs, readFlag, readInput } from '../read-field.js';
import { giveMessage } from './give-message.js';

/** Makes a message of its input, stores and shows it. A Message keeps its files, blocks and properties. */
export const chatOutput: ComponentRuntime = {
  type: 'ChatOutput',
  async run(context) {
    const clean = readFlag(context, 'clean_data');
    const text = readAs(context, 'input_value', (input) => toDisplayText(input, clean));
    const input = readInput(context, 'input_value');
    const source = isMessage(input) ? input : undefined;
    const message = giveMessage(context, {
      text,
      files: source?.files ?? [],
      ...(source?.error === undefined ? {} : { error: source.error }),
      ...(source?.category === undefined ? {} : { category: source.category }),
      ...(source?.properties === undefined ? {} : { properties: source.properties }),
      ...(source?.contentBlocks === undefined ? {} : { contentBlocks: source.contentBlocks }),
    });
    return { outputs: { message } };
  },
};
