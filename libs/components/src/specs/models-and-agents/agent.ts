import type { ComponentSpec } from '@causeway/dag';
import {
  flagField,
  plainField,
  portField,
  secretField,
  textField,
  valueOutput,
  wholeField,
} from '../field.js';
import { ignoredModelFields, modelField, temperatureField } from '../models/model-fields.js';
import { FORMAT_INSTRUCTIONS, schemaField } from '../llm-operations/structured-output.js';

/** Lets a model work on a task with tools until it has an answer. */
export const agentSpec: ComponentSpec = {
  type: 'Agent',
  aliases: ['AgentComponent'],
  displayName: 'Agent',
  description: "Define the agent's instructions, then enter a task to complete using tools.",
  category: 'models_and_agents',
  icon: 'bot',
  role: 'plain',
  effects: 'none',
  fields: [
    modelField({ required: true }),
    // Nodes up to 1.7 name provider and model in fields of their own.
    plainField('agent_llm', 'Model Provider', { inputTypes: ['LanguageModel'] }),
    plainField('model_name', 'Model Name', { advanced: true }),
    secretField('api_key', 'API Key', {
      advanced: true,
      formerNames: [
        'openai_api_key',
        'anthropic_api_key',
        'google_api_key',
        'groq_api_key',
        'nvidia_api_key',
        'sambanova_api_key',
      ],
    }),
    plainField('openai_api_base', 'OpenAI API Base', { advanced: true }),
    plainField('base_url', 'Base URL', {
      advanced: true,
      formerNames: ['anthropic_api_url', 'groq_api_base', 'sambanova_url'],
    }),
    temperatureField(),
    { name: 'model_kwargs', displayName: 'Model Kwargs', type: 'dict', default: {}, advanced: true },
    flagField('json_mode', 'JSON Mode', { advanced: true }),
    wholeField('seed', 'Seed', { advanced: true }),
    wholeField('max_retries', 'Max Retries', { advanced: true, info: 'At most 2 retries are made.' }),
    wholeField('timeout', 'Timeout', { advanced: true, info: 'Seconds without data from the provider.' }),
    wholeField('max_tokens', 'Max Tokens', { advanced: true }),
    wholeField('max_output_tokens', 'Max Output Tokens', { advanced: true }),
    textField('system_prompt', 'Agent Instructions', {
      default: 'You are a helpful assistant that can use tools to answer questions and perform tasks.',
      info: 'May contain {current_date}, {model_name} and {optional_user_context}.',
    }),
    portField('tools', 'Tools', ['Tool'], { list: true }),
    textField('input_value', 'Input', {
      toolMode: true,
      info: 'The input provided by the user for the agent to process.',
    }),
    textField('context_id', 'Context ID', { advanced: true }),
    wholeField('n_messages', 'Number of Chat History Messages', { default: 100, advanced: true }),
    wholeField('max_iterations', 'Max Iterations', {
      default: 15,
      advanced: true,
      info: 'How often the model may be called; at most 200 times.',
    }),
    flagField('handle_parsing_errors', 'Handle Parse Errors', {
      default: true,
      advanced: true,
      info: 'Tell the model when it calls a tool with arguments that cannot be read.',
    }),
    flagField('add_current_date_tool', 'Current Date', { default: true, advanced: true }),
    flagField('add_calculator_tool', 'Calculator', { advanced: true }),
    textField('format_instructions', 'Output Format Instructions', {
      default: FORMAT_INSTRUCTIONS,
      advanced: true,
    }),
    schemaField({ advanced: true }),
    flagField('stream', 'Stream', { advanced: true }),
  ],
  outputs: [
    valueOutput('response', 'Response', ['Message'], 'message_response'),
    valueOutput('structured_response', 'Structured Response', ['Data', 'JSON'], 'json_response'),
  ],
  ignoredFields: [...ignoredModelFields, 'agent_description', 'memory'],
};
