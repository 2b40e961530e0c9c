import type { JsonObject } from '@causeway/dag';
import { dataOf } from '../../coerce/value.js';
import type { MessageValue } from '../../specs/values.js';
import type { ComponentRuntime } from '../component.js';
import { readMessage } from '../read-field.js';

/** Gives all members of a message as Data, by Langflow's names. */
export const messageToData: ComponentRuntime = {
  type: 'MessagetoData',
  async run(context) {
    return { outputs: { data: dataOf(membersOf(readMessage(context, 'message'))) } };
  },
};

function membersOf(message: MessageValue): JsonObject {
  return {
    ...message.data,
    text: message.text,
    ...(message.sender === undefined ? {} : { sender: message.sender }),
    ...(message.senderName === undefined ? {} : { sender_name: message.senderName }),
    ...(message.sessionId === undefined ? {} : { session_id: message.sessionId }),
    ...(message.contextId === undefined ? {} : { context_id: message.contextId }),
    ...(message.files === undefined ? {} : { files: [...message.files] }),
  };
}
