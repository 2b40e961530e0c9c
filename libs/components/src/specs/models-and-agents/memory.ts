import type { ComponentSpec } from '@causeway/dag';
import { choiceField, portField, textField, valueOutput, wholeField } from '../field.js';

/** Chat messages of a session: reads them or adds one. */
export const memorySpec: ComponentSpec = {
  type: 'Memory',
  aliases: ['MemoryComponent', 'MessageHistory', 'ChatMemory'],
  displayName: 'Message History',
  description: 'Reads the chat messages of a session, or adds one.',
  category: 'models_and_agents',
  icon: 'message-square-more',
  role: 'plain',
  effects: 'none',
  fields: [
    choiceField('mode', 'Mode', ['Retrieve', 'Store'], { type: 'tab' }),
    textField('message', 'Message', { toolMode: true, info: 'The message to store.' }),
    portField('memory', 'External Memory', ['Memory'], { advanced: true }),
    choiceField('sender_type', 'Sender Type', ['Machine', 'User', 'Machine and User'], {
      default: 'Machine and User',
      advanced: true,
    }),
    textField('sender', 'Sender', { advanced: true }),
    textField('sender_name', 'Sender Name', { advanced: true }),
    wholeField('n_messages', 'Number of Messages', { default: 100, advanced: true }),
    textField('session_id', 'Session ID', { advanced: true }),
    textField('context_id', 'Context ID', { advanced: true }),
    choiceField('order', 'Order', ['Ascending', 'Descending'], { toolMode: true, advanced: true }),
    textField('template', 'Template', {
      default: '{sender_name}: {text}',
      advanced: true,
      formerNames: ['record_template'],
    }),
  ],
  outputs: [
    valueOutput('messages_text', 'Messages', ['Message'], 'retrieve_messages_as_text'),
    valueOutput('dataframe', 'Table', ['DataFrame', 'Table'], 'retrieve_messages_dataframe'),
    valueOutput('stored_messages', 'Stored Messages', ['Message'], 'store_message'),
    valueOutput('messages', 'Data', ['Data', 'JSON'], 'retrieve_messages'),
  ],
};
