import {
  deleteMessages,
  listMessages,
  listSessions,
  renameSession,
  updateMessage,
} from '@causeway/contracts';
import type { ChatMessage, InputOf, ReplyOf } from '@causeway/contracts';
import { Handles } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import { ChatEditing } from '../supervisor/chat-editing.js';
import { ChatPages } from '../store/chats/chat-pages.store.js';

/** Requests that list and change chat memory. */
@Controller()
export class ChatHandler {
  constructor(
    private readonly pages: ChatPages,
    private readonly editing: ChatEditing,
  ) {}

  @Handles(listMessages)
  list(input: InputOf<typeof listMessages>): Promise<ReplyOf<typeof listMessages>> {
    return this.pages.list(input);
  }

  @Handles(listSessions)
  async sessions(input: InputOf<typeof listSessions>): Promise<ReplyOf<typeof listSessions>> {
    return { sessionIds: await this.pages.sessions(input) };
  }

  @Handles(updateMessage)
  update(input: InputOf<typeof updateMessage>): Promise<ChatMessage> {
    return this.editing.update(input);
  }

  @Handles(renameSession)
  async rename(input: InputOf<typeof renameSession>): Promise<ReplyOf<typeof renameSession>> {
    return { items: await this.editing.rename(input) };
  }

  @Handles(deleteMessages)
  delete(input: InputOf<typeof deleteMessages>): Promise<ReplyOf<typeof deleteMessages>> {
    return this.editing.delete(input);
  }
}
