import type { ComponentSpec } from '@causeway/dag';
import { portField, textField, valueOutput } from '../field.js';

/** Message History's Store mode as older flows have it. */
export const storeMessageSpec: ComponentSpec = {
  type: 'StoreMessage',
  aliases: ['MessageStoreComponent', 'MessageStore'],
  displayName: 'Message Store',
  description: 'Adds a chat message to a session. Message History does the same and more.',
  category: 'models_and_agents',
  icon: 'message-square-text',
  role: 'plain',
  effects: 'none',
  fields: [
    textField('message', 'Message', { required: true, toolMode: true }),
    portField('memory', 'External Memory', ['Memory'], { advanced: true }),
    textField('sender', 'Sender', { advanced: true }),
    textField('sender_name', 'Sender Name', { advanced: true }),
    textField('session_id', 'Session ID', { advanced: true }),
    textField('context_id', 'Context ID', { advanced: true }),
  ],
  outputs: [valueOutput('stored_messages', 'Stored Messages', ['Message'], 'store_message')],
};
