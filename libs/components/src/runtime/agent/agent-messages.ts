import type { MessageValue } from '../../specs/values.js';
import type { ComponentContext, StoredMessage } from '../component.js';
import type { Turn } from '../models/conversation.js';
import { langflowTime } from '../../specs/message-shape.js';
import { readMessage, readText, readWhole } from '../read-field.js';

/** Most messages of the history that are read. */
const maxMessages = 10_000;

/** The messages with which an agent begins. */
export interface AgentMessages {
  readonly messages: readonly Turn[];
  /** The same without the time of day, which differs on resume. */
  readonly stableMessages: readonly Turn[];
  readonly input: string;
}

/** Instructions, the session's history without the current message, and the task. */
export async function agentMessages(context: ComponentContext, modelName: string): Promise<AgentMessages> {
  const message = readMessage(context, 'input_value');
  // Providers refuse an empty message.
  const input = message.text.trim() === '' ? 'Continue the conversation.' : message.text;
  const files = message.files ?? [];
  const task: Turn = files.length > 0 ? { role: 'user', text: input, files } : { role: 'user', text: input };
  const turns = [...(await readHistory(context, message)), task];
  const template = readText(context, 'system_prompt')
    .replaceAll('{model_name}', () => modelName)
    .replaceAll('{optional_user_context}', '');
  const dated = template.replaceAll('{current_date}', () => langflowTime(context.now));
  return { messages: withSystem(dated, turns), stableMessages: withSystem(template, turns), input };
}

function withSystem(text: string, turns: readonly Turn[]): readonly Turn[] {
  return text.trim() === '' ? turns : [{ role: 'system', text }, ...turns];
}

async function readHistory(context: ComponentContext, current: MessageValue): Promise<readonly Turn[]> {
  const limit = Math.min(readWhole(context, 'n_messages', 100), maxMessages);
  if (limit <= 0) return [];
  const contextId = readText(context, 'context_id');
  const filter = { sessionId: context.sessionId, limit, ...(contextId === '' ? {} : { contextId }) };
  const stored = await context.chat.list(filter);
  const currentId = current.data?.['id'];
  return stored
    .filter((message) => message.id !== currentId && !message.error && message.text.trim() !== '')
    .map(toTurn);
}

function toTurn({ sender, text }: StoredMessage): Turn {
  return sender === 'User' ? { role: 'user', text } : { role: 'assistant', text };
}
