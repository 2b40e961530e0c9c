import { isHandle } from '../../coerce/value.js';
import type { MessageValue } from '../../specs/values.js';
import type { ComponentContext, ComponentRuntime } from '../component.js';
import { nodeFailed } from '../node-failed.js';
import { readInput, readMessage, readText } from '../read-field.js';

/** Adds a chat message to a session. */
export const storeMessage: ComponentRuntime = {
  type: 'StoreMessage',
  async run(context) {
    refuseExternalMemory(context);
    return { outputs: { stored_messages: storeNodeMessage(context) } };
  },
};

/** Stores the input as `message`: the node's own sender, session and context override the message's. */
export function storeNodeMessage(context: ComponentContext): MessageValue {
  const message = readMessage(context, 'message');
  const sender = readText(context, 'sender');
  const id = context.chat.messageId();
  const stored = {
    id,
    text: message.text,
    sender: (sender === 'Machine and User' ? '' : sender) || message.sender || 'Machine',
    senderName: readText(context, 'sender_name') || message.senderName || 'AI',
    sessionId: readText(context, 'session_id') || message.sessionId || context.sessionId,
    contextId: readText(context, 'context_id') || message.contextId || '',
    files: message.files ?? [],
    timestamp: context.now,
    error: message.error ?? false,
    category: message.category ?? 'message',
    properties: message.properties ?? {},
    contentBlocks: message.contentBlocks ?? [],
  };
  context.chat.store(stored);
  const { id: _id, timestamp, ...rest } = stored;
  return { kind: 'message', ...rest, data: { id, timestamp } };
}

/** @throws CausewayError `NODE_FAILED` when a memory of another kind is connected */
export function refuseExternalMemory(context: ComponentContext): void {
  const given = readInput(context, 'memory');
  if (isHandle(given)) {
    throw nodeFailed(
      context,
      'an external memory is connected, but only chat history kept here can be used; remove it.',
    );
  }
}
