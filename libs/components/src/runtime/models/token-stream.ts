import type { ComponentContext, StoredMessage } from '../component.js';
import { messageFrame } from '../../specs/message-shape.js';

/**
 * Shows a node's text while it is written, as the message of the chat output that receives it. In Langflow's order:
 * first the message, partial and empty, then every piece. A reader may append the pieces to the message's text.
 *
 * @returns a function that receives each piece; undefined when another node receives the text or no client reads it
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
