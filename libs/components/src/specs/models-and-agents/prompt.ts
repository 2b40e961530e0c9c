import type { ComponentSpec } from '@causeway/dag';
import { flagField, textField, valueOutput } from '../field.js';

/** A text with variables; each variable is one more field of the node. */
export const promptSpec: ComponentSpec = {
  type: 'Prompt',
  aliases: ['Prompt Template', 'PromptComponent'],
  displayName: 'Prompt Template',
  description: 'Fills the variables of a text.',
  category: 'models_and_agents',
  icon: 'prompts',
  role: 'plain',
  effects: 'none',
  fields: [
    { name: 'template', displayName: 'Template', type: 'prompt', default: '' },
    flagField('use_double_brackets', 'Use Double Brackets', { advanced: true }),
    textField('tool_placeholder', 'Tool Placeholder', { advanced: true, toolMode: true }),
  ],
  outputs: [valueOutput('prompt', 'Prompt', ['Message'], 'build_prompt')],
  openFields: true,
};
