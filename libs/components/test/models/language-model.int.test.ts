import { type ScriptedProvider, startScriptedProvider } from '@causeway/scripted-provider';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type TestOptions, testComponent, testContext } from '../../src/runtime/test-context.js';
import { findRuntime } from '../../src/runtime/registry.js';
import type { MessageValue } from '../../src/specs/values.js';

let provider: ScriptedProvider;
beforeAll(async () => {
  provider = await startScriptedProvider();
});
afterAll(() => provider.close());
beforeEach(() => {
  provider.clear();
  provider.setScript([]);
});

/** Long enough that answers are awaited whole unless somebody reads along. */
const PATIENT_MS = 200_000;

function scripted(rest: TestOptions['models'] = {}): TestOptions['models'] {
  return { scriptedProviderUrl: provider.url, idleTimeoutMs: PATIENT_MS, ...rest };
}

async function ask(
  options: TestOptions = {},
): Promise<MessageValue & { record: Awaited<ReturnType<typeof testComponent>> }> {
  const { fields, models, ...rest } = options;
  const record = await testComponent('LanguageModelComponent', {
    outputs: ['text_output'],
    fields: { input_value: 'Hello', ...fields },
    models: scripted(models),
    ...rest,
  });
  return { ...(record.outputs['text_output'] as MessageValue), record };
}

async function errorOf(
  options: TestOptions = {},
): Promise<{ code: string; message: string; details: Record<string, unknown> }> {
  try {
    await ask(options);
  } catch (error) {
    return error as { code: string; message: string; details: Record<string, unknown> };
  }
  throw new Error('It was expected to fail.');
}

describe('a model node', () => {
  it('gives the answer as a message that says where it comes from and what it used', async () => {
    const message = await ask();
    expect(message.text).toBe('You said: Hello');
    expect(message.properties).toMatchObject({
      source: { display_name: 'Language Model', source: 'scripted' },
      usage: { input_tokens: expect.any(Number) as number, output_tokens: expect.any(Number) as number },
    });
  });

  it('sends system message, text and settings', async () => {
    await ask({ fields: { system_message: 'Be brief.', temperature: 0.3, max_tokens: 77 } });
    const [call] = provider.calls();
    expect(call).toMatchObject({ stream: false, model: 'scripted' });
    expect(call?.messages).toEqual([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Hello' },
    ]);
  });
});
