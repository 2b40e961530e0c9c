import { expect, test } from 'vitest';
import { findDefaultModel, hasProviderKey } from './service-environment.js';

test('a provider whose key is set sets the model of nodes that name none', () => {
  expect(findDefaultModel({ OPENAI_API_KEY: 'k', GOOGLE_API_KEY: 'k' })).toMatch(/^openai\/./);
  expect(findDefaultModel({ OPENAI_API_KEY: '', ANTHROPIC_API_KEY: 'k' })).toMatch(/^anthropic\/./);
  expect(findDefaultModel({ GOOGLE_API_KEY: 'k' })).toMatch(/^google\/./);
  expect(findDefaultModel({ GROQ_API_KEY: 'k' })).toBeUndefined();
  expect(hasProviderKey({ GROQ_API_KEY: 'k' })).toBe(false);
});
