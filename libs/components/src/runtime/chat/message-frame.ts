import type { JsonObject } from '@causeway/dag';
import type { ComponentContext, StoredMessage } from '../component.js';

/**
 * A chat message as `add_message` frames carry it, in Langflow's shape: the one place where frames get it.
 *
 * @param state `partial` while tokens of it are still to come
 */
export function messageFrame(
  context: Pick<ComponentContext, 'flowId' | 'runId'>,
  message: StoredMessage,
  state: 'partial' | 'complete' = 'complete',
): JsonObject {
  return {
    id: message.id,
    flow_id: context.flowId,
    run_id: context.runId,
    timestamp: langflowTime(message.timestamp),
    sender: message.sender,
    sender_name: message.senderName,
    session_id: message.sessionId,
    context_id: message.contextId,
    text: message.text,
    files: [...message.files],
    error: message.error,
    edit: false,
    category: message.category,
    properties: { ...message.properties, state },
    content_blocks: [...message.contentBlocks],
    duration: null,
    session_metadata: { graph_run_id: context.runId },
  };
}

/** An ISO time as Langflow writes times of messages: `2026-01-31 12:00:00 UTC`. */
export function langflowTime(iso: string): string {
  return `${iso.slice(0, 19).replace('T', ' ')} UTC`;
}
