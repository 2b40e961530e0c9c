import type { Json, JsonObject } from '@causeway/dag';
import type { MessageValue } from '../../specs/values.js';
import type { ComponentContext, StoredMessage } from '../component.js';
import { readFlag, readText } from '../read-field.js';
import { messageFrame } from '../../specs/message-shape.js';

/** The content of a chat node's message, before its own settings are added. */
export interface ChatMessageParts {
  readonly text: string;
  readonly files: readonly string[];
  readonly error?: boolean;
  readonly category?: string;
  readonly properties?: JsonObject;
  readonly contentBlocks?: readonly Json[];
}

/**
 * Makes the message of a chat node: adds sender, session and appearance from the node's fields, stores it if the node
 * says so, and shows it to the clients that watch the run.
 */
export function giveMessage(context: ComponentContext, parts: ChatMessageParts): MessageValue {
  const stored: StoredMessage = {
    id: context.chat.messageId(),
    text: parts.text,
    sender: readText(context, 'sender'),
    senderName: readText(context, 'sender_name'),
    sessionId: readText(context, 'session_id') || context.sessionId,
    contextId: readText(context, 'context_id'),
    files: parts.files,
    timestamp: context.now,
    error: parts.error ?? false,
    category: parts.category ?? 'message',
    properties: { ...parts.properties, ...looks(context) },
    contentBlocks: parts.contentBlocks ?? [],
  };
  if (readFlag(context, 'should_store_message')) context.chat.store(stored);
  context.emit('add_message', messageFrame(context, stored));
  return {
    kind: 'message',
    text: stored.text,
    sender: stored.sender,
    senderName: stored.senderName,
    sessionId: stored.sessionId,
    contextId: stored.contextId,
    files: stored.files,
    error: stored.error,
    category: stored.category,
    properties: stored.properties,
    contentBlocks: stored.contentBlocks,
    data: { id: stored.id, timestamp: stored.timestamp },
  };
}

function looks(context: ComponentContext): JsonObject {
  const set = { background_color: 'background_color', text_color: 'text_color', icon: 'chat_icon' };
  return Object.fromEntries(
    Object.entries(set)
      .map(([property, field]) => [property, readText(context, field)])
      .filter(([, value]) => value !== ''),
  ) as JsonObject;
}
