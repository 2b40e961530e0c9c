import type { ChatHistory, StoredMessage } from '@causeway/components/runtime';
import { Injectable } from '@nestjs/common';
import { columnText } from '../../domain/journal/column-text.js';
import { messageId } from '../../domain/journal/derived-id.js';
import { pathBeside } from '../../domain/journal/path-beside.js';
import { MessageStore } from '../../store/chats/message.store.js';
import type { RunAttempt } from '../run-attempt.js';

/** Gives components access to chat messages. */
@Injectable()
export class ChatMemory {
  constructor(private readonly messages: MessageStore) {}

  /** The history as one step sees it: the committed messages, and those that its own run has stored so far. */
  of(attempt: RunAttempt, path: string): ChatHistory {
    const { envelope, plan, journal } = attempt;
    // Whoever runs the flow from another team, or from a public page, must not read or continue a chat of somebody else, whichever session its request or a tweak names.
    const prefix = envelope.isShared || envelope.isPublic ? `${envelope.principal.id}/` : '';
    const inOwn = <T extends { readonly sessionId: string }>(of: T): T => ({
      ...of,
      sessionId: prefix + of.sessionId,
    });
    const asNamed = (message: StoredMessage): StoredMessage =>
      prefix === '' ? message : { ...message, sessionId: message.sessionId.slice(prefix.length) };
    return {
      messageId: (nodeId) =>
        messageId(envelope.runId, nodeId === undefined ? path : pathBeside(path, plan, nodeId)),
      store: (given) => {
        const message = inOwn(given);
        return journal.pending.message({
          id: message.id,
          flowId: envelope.flowId,
          sessionId: columnText(message.sessionId),
          contextId: columnText(message.contextId),
          sender: columnText(message.sender),
          senderName: columnText(message.senderName),
          error: message.error,
          at: message.timestamp,
          body: JSON.stringify(message),
        });
      },
      list: async (asked) => {
        const filter = inOwn(asked);
        const stored = await this.messages.history(envelope, filter);
        const own = journal.unwritten.messages
          .map((row) => JSON.parse(row.body) as StoredMessage)
          .filter((message) => matches(message, filter));
        const known = new Map([...stored, ...own].map((message) => [message.id, message]));
        const newest = [...known.values()].slice(-filter.limit).map(asNamed);
        return filter.order === 'desc' ? newest.toReversed() : newest;
      },
    };
  }
}

function matches(message: StoredMessage, filter: Parameters<ChatHistory['list']>[0]): boolean {
  return (
    !message.error &&
    message.sessionId === filter.sessionId &&
    (filter.contextId === undefined || message.contextId === filter.contextId) &&
    (filter.sender === undefined || message.sender === filter.sender) &&
    (filter.senderName === undefined || message.senderName === filter.senderName)
  );
}
