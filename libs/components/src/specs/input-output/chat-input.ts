import type { ComponentSpec } from '@causeway/dag';
import { choiceField, flagField, textField, valueOutput } from '../field.js';

/** Where a chat message of the request enters the flow. */
export const chatInputSpec: ComponentSpec = {
  type: 'ChatInput',
  aliases: [],
  displayName: 'Chat Input',
  description: 'Takes the chat message of the request.',
  category: 'input_output',
  icon: 'MessagesSquare',
  role: 'input',
  effects: 'none',
  fields: [
    textField('input_value', 'Input Text'),
    flagField('should_store_message', 'Store Messages', {
      default: true,
      advanced: true,
      formerNames: ['store_message'],
    }),
    choiceField('sender', 'Sender Type', ['Machine', 'User'], { default: 'User', advanced: true }),
    textField('sender_name', 'Sender Name', { default: 'User', advanced: true }),
    textField('session_id', 'Session ID', { advanced: true }),
    textField('context_id', 'Context ID', { advanced: true }),
    { name: 'files', displayName: 'Files', type: 'file', list: true, default: [], advanced: true },
    textField('background_color', 'Background Color', { advanced: true }),
    textField('chat_icon', 'Icon', { advanced: true }),
    textField('text_color', 'Text Color', { advanced: true }),
  ],
  outputs: [valueOutput('message', 'Chat Message', ['Message'], 'message_response')],
  ignoredFields: ['return_record', 'is_ask'],
};
