import type { ComponentContext, StoredMessage } from '../component.js';
import { messageFrame } from '../../specs/message-shape.js';

/**
 * Shows a node's text while it is written, as the message of the chat output that it goes into. In Langflow's order: the
 * message, partial and empty, then every piece. A reader may put the pieces behind the message's text.
 *
 * @returns what to tell each piece to; undefined when the text goes elsewhere or nobody reads it
 */
export function streamTokens(context: ComponentContext): ((piece: string) => void) | undefined {
  const { streamsTo } = context.node;
  if (streamsTo === undefined || context.watched === false) return undefined;
  const id = context.chat.messageId(streamsTo);
  let isShown = false;
  return (chunk) => {
    if (!isShown) context.emit('add_message', messageFrame(context, partial(context, id), 'partial'));
    isShown = true;
    context.emit('token', { chunk, id });
  };
}

function partial(context: ComponentContext, id: string): StoredMessage {
  return {
    id,
    text: '',
    sender: 'Machine',
    senderName: 'AI',
    sessionId: context.sessionId,
    contextId: '',
    files: [],
    timestamp: context.now,
    error: false,
    category: 'message',
    properties: { source: { id: context.node.id, display_name: context.node.displayName } },
    contentBlocks: [],
  };
}
