import type { ComponentSpec } from '@causeway/dag';
import { textField, valueOutput } from '../field.js';

/** Where the body of a webhook call enters the flow. */
export const webhookSpec: ComponentSpec = {
  type: 'Webhook',
  aliases: ['WebhookComponent'],
  displayName: 'Webhook',
  description: 'Takes the body of a webhook call.',
  category: 'data_source',
  icon: 'webhook',
  role: 'input',
  effects: 'none',
  fields: [textField('data', 'Payload', { advanced: true })],
  outputs: [valueOutput('output_data', 'JSON', ['Data', 'JSON'], 'build_data')],
  ignoredFields: ['curl', 'endpoint'],
};
