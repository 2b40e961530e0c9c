import { expect, test } from 'vitest';
import { componentClass } from './component-type.js';

test.each([
  ['ext:openai:OpenAIModelComponent@official', 'OpenAIModelComponent'],
  ['ext:openai:OpenAIModelComponent@official-pre-a', 'OpenAIModelComponent'],
  ['ext:groq:GroqModel@extra', 'GroqModel'],
  ['ext:groq:GroqModel', 'GroqModel'],
  ['lfx.components.openai.openai_chat_model.OpenAIModelComponent', 'OpenAIModelComponent'],
  ['lfx.components.groq.GroqModel', 'GroqModel'],
  ['OpenAIModel', 'OpenAIModel'],
  ['Prompt Template', 'Prompt Template'],
  ['my.own.Thing', 'my.own.Thing'],
  ['ext:broken:@official', 'ext:broken:@official'],
])('%s names the class %s', (type, name) => {
  expect(componentClass(type)).toBe(name);
});
