import type { StoredMessage } from '@causeway/components/runtime';
import type { ChatMessage } from '@causeway/contracts';

/** A message's row. */
export interface MessageColumns {
  readonly id: string;
  readonly flow_id: string;
  readonly run_id: string | null;
  readonly at: Date;
  readonly seq: number;
  readonly body: string;
}

/** What a row's JSON holds; `edit` once a person has changed it. */
export type MessageBody = StoredMessage & { readonly edit?: boolean };

/** A row as a caller of the API sees it. */
export function chatMessage(row: MessageColumns): ChatMessage {
  const body = JSON.parse(row.body) as MessageBody;
  return {
    id: row.id,
    flowId: row.flow_id,
    runId: row.run_id,
    sessionId: body.sessionId,
    contextId: body.contextId,
    sender: body.sender,
    senderName: body.senderName,
    text: body.text,
    files: [...body.files],
    at: row.at.toISOString(),
    error: body.error,
    edit: body.edit ?? false,
    category: body.category,
    properties: body.properties,
    contentBlocks: [...body.contentBlocks],
  };
}
