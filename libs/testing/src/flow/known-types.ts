import type { ComponentSpec, FieldSpec } from '@causeway/dag';

/** The part of a component's spec that its nodes have in a file. */
export type NodeShape = Pick<ComponentSpec, 'type' | 'displayName' | 'fields' | 'outputs'>;

/** `input_value` → `Input Value`. */
const title = (name: string): string =>
  name.replaceAll(/(^|_)([a-z])/g, (_, gap: string, letter: string) => (gap && ' ') + letter.toUpperCase());

const text = (name: string, more: Partial<FieldSpec> = {}): FieldSpec => ({
  name,
  displayName: title(name),
  type: 'str',
  inputTypes: ['Message'],
  default: '',
  ...more,
});
const flag = (name: string, value: boolean): FieldSpec => ({
  name,
  displayName: title(name),
  type: 'bool',
  default: value,
});

/** The nodes of a plain chat flow as Langflow 1.10 saves them. */
export const knownTypes: Readonly<Record<string, NodeShape>> = {
  ChatInput: {
    type: 'ChatInput',
    displayName: 'Chat Input',
    fields: [
      { ...text('input_value'), inputTypes: [] },
      flag('should_store_message', true),
      {
        name: 'sender',
        displayName: title('sender'),
        type: 'str',
        default: 'User',
        options: ['Machine', 'User'],
      },
      text('sender_name', { default: 'User' }),
      text('session_id'),
      text('context_id'),
      { name: 'files', displayName: title('files'), type: 'file', list: true, default: '' },
    ],
    outputs: [
      {
        name: 'message',
        displayName: 'Chat Message',
        types: ['Message'],
        method: 'message_response',
        kind: 'value',
      },
    ],
  },
  Prompt: {
    type: 'Prompt',
    displayName: 'Prompt',
    fields: [
      { name: 'template', displayName: title('template'), type: 'prompt', default: '' },
      text('tool_placeholder', { toolMode: true }),
      flag('use_double_brackets', false),
    ],
    outputs: [
      { name: 'prompt', displayName: 'Prompt', types: ['Message'], method: 'build_prompt', kind: 'value' },
    ],
  },
  LanguageModelComponent: {
    type: 'LanguageModelComponent',
    displayName: 'Language Model',
    fields: [
      {
        name: 'model',
        displayName: title('model'),
        type: 'model',
        inputTypes: ['LanguageModel'],
        default: '',
        required: true,
      },
      { name: 'api_key', displayName: title('api_key'), type: 'str', password: true, default: '' },
      text('input_value'),
      text('system_message'),
      flag('stream', false),
      { name: 'temperature', displayName: title('temperature'), type: 'slider', default: 0.1 },
      { name: 'max_tokens', displayName: title('max_tokens'), type: 'int', default: 0 },
    ],
    outputs: [
      {
        name: 'text_output',
        displayName: 'Model Response',
        types: ['Message'],
        method: 'text_response',
        kind: 'value',
      },
      {
        name: 'model_output',
        displayName: 'Language Model',
        types: ['LanguageModel'],
        method: 'build_model',
        kind: 'handle',
      },
    ],
  },
  ChatOutput: {
    type: 'ChatOutput',
    displayName: 'Chat Output',
    fields: [
      text('input_value', { inputTypes: ['Data', 'JSON', 'DataFrame', 'Table', 'Message'], required: true }),
      flag('should_store_message', true),
      {
        name: 'sender',
        displayName: title('sender'),
        type: 'str',
        default: 'Machine',
        options: ['Machine', 'User'],
      },
      text('sender_name', { default: 'AI' }),
      text('session_id'),
      text('context_id'),
      text('data_template', { default: '{text}' }),
      flag('clean_data', true),
    ],
    outputs: [
      {
        name: 'message',
        displayName: 'Output Message',
        types: ['Message'],
        method: 'message_response',
        kind: 'value',
      },
    ],
  },
};
