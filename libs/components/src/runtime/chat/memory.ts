import type { JsonObject } from '@causeway/dag';
import { fillFromData } from '../../coerce/text/fill-from-data.js';
import { textsOf } from '../../coerce/limits.js';
import { toText } from '../../coerce/to-text.js';
import { dataOf, messageOf, tableOf } from '../../coerce/value.js';
import type { Value } from '../../specs/values.js';
import { askedOutputs } from '../asked-outputs.js';
import type { ComponentContext, ComponentRuntime } from '../component.js';
import { readAs, readText, readWhole } from '../read-field.js';
import { messageMembers } from '../../specs/message-shape.js';
import { refuseExternalMemory, storeNodeMessage } from './store-message.js';

/** Most messages of the history that are read. */
const maxMessages = 10_000;

/** Reads the chat messages of the session, or adds one, depending on the mode and the requested outputs. */
export const memory: ComponentRuntime = {
  type: 'Memory',
  async run(context) {
    refuseExternalMemory(context);
    const reads = context.start.outputs.some((output) => output !== 'stored_messages');
    const rows = reads ? await readMessages(context) : [];
    const text = (): string => {
      const template = readText(context, 'template');
      return readAs(context, 'template', () =>
        textsOf(rows, (row) => fillFromData(template, dataOf(row))).join('\n'),
      );
    };
    return {
      outputs: askedOutputs<Value>(context, {
        messages_text: () => messageOf(text()),
        dataframe: () => tableOf(rows),
        messages: () => ({ kind: 'plain', value: rows.map(dataOf) }),
        stored_messages: () => storeNodeMessage(context),
      }),
    };
  },
};

async function readMessages(context: ComponentContext): Promise<readonly JsonObject[]> {
  const limit = Math.min(Math.max(readWhole(context, 'n_messages', 100), 0), maxMessages);
  if (limit === 0) return [];
  const contextId = readText(context, 'context_id');
  const senderName = readText(context, 'sender_name');
  const sender = senderFilter(context);
  const messages = await context.chat.list({
    sessionId: readText(context, 'session_id') || context.sessionId,
    limit,
    ...(contextId === '' ? {} : { contextId }),
    ...(senderName === '' ? {} : { senderName }),
    ...(sender === undefined ? {} : { sender }),
  });
  const rows = messages.map((message) => ({
    id: message.id,
    ...messageMembers(context, message),
    properties: { ...message.properties, state: 'complete' },
  }));
  return readText(context, 'order') === 'Descending' ? rows.toReversed() : rows;
}

/** Exports of 1.4 and 1.5 filter by `sender`, later ones by `sender_type`. */
function senderFilter(context: ComponentContext): string | undefined {
  const chosen = [readAs(context, 'sender_type', toText), readAs(context, 'sender', toText)];
  return chosen.find((sender) => sender === 'Machine' || sender === 'User');
}
