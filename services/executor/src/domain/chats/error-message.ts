import type { StoredMessage } from '@causeway/components/runtime';
import type { RunError } from '@causeway/contracts';
import { messageId } from '../journal/derived-id.js';

/** The chat message that shows in a chat that a run failed, as in Langflow. */
export function errorMessage(
  error: RunError,
  run: { readonly runId: string; readonly sessionId: string },
  at: string,
): StoredMessage {
  const name = error.nodeName ?? 'Flow';
  const source = { id: error.nodeId ?? null, display_name: name, source: name };
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
        contents: [
          {
            type: 'error',
            duration: null,
            header: {},
            component: name,
            field: null,
            reason: error.message,
            solution: null,
            code: null,
            traceback: null,
          },
        ],
        allow_markdown: true,
        media_url: null,
      },
    ],
  };
}
