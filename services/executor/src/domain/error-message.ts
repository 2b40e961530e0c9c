import type { StoredMessage } from '@causeway/components/runtime';
import type { RunError } from '@causeway/contracts';
import type { JsonObject } from '@causeway/dag';
import { messageId } from './derived-id.js';

/** The chat message by which people see that a run failed, as Langflow shows it. */
export function errorMessage(
  error: RunError,
  run: { readonly runId: string; readonly sessionId: string },
  at: string,
): StoredMessage {
  const name = error.nodeName ?? 'Flow';
  const source = { id: error.nodeId ?? null, display_name: name, source: null };
  return {
    id: messageId(run.runId, ''),
    text: error.message,
    sender: name,
    senderName: name,
    sessionId: run.sessionId,
    contextId: '',
    files: [],
    timestamp: at,
    error: true,
    category: 'error',
    properties: { text_color: 'red', background_color: 'red', icon: 'error', state: 'complete', source },
    contentBlocks: [
      {
        title: 'Error',
        contents: [{ type: 'error', component: name, field: null, reason: error.message, solution: null }],
        allow_markdown: true,
        media_url: null,
      },
    ],
  };
}

/** A chat message as `add_message` frames carry it. */
export function messageFrame(
  message: StoredMessage,
  run: { readonly runId: string; readonly flowId: string },
): JsonObject {
  return {
    id: message.id,
    flow_id: run.flowId,
    run_id: run.runId,
    timestamp: `${message.timestamp.slice(0, 19).replace('T', ' ')} UTC`,
    sender: message.sender,
    sender_name: message.senderName,
    session_id: message.sessionId,
    context_id: message.contextId,
    text: message.text,
    files: [...message.files],
    error: message.error,
    edit: false,
    category: message.category,
    properties: message.properties,
    content_blocks: [...message.contentBlocks],
    duration: null,
    session_metadata: null,
  };
}
