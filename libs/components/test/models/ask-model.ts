import type { ScriptedProvider } from '@causeway/scripted-provider';
import { testComponent } from '../../src/runtime/test-context.js';
import type { TestOptions, TestRecord } from '../../src/runtime/test-options.js';
import type { MessageValue } from '../../src/specs/values.js';

/**
 * An idle time that no answer within the run's limit reaches, so that answers are read as a whole unless a client
 * watches.
 */
export const PATIENT_MS = 200_000;

/** Runs a Language Model node against the scripted provider. */
export async function askModel(
  provider: Pick<ScriptedProvider, 'url'>,
  options: TestOptions = {},
): Promise<{ message: MessageValue; record: TestRecord }> {
  const { fields, models, ...rest } = options;
  const { outputs, ...record } = await testComponent('LanguageModelComponent', {
    outputs: ['text_output'],
    fields: { input_value: 'Hello', ...fields },
    models: { scriptedProviderUrl: provider.url, idleTimeoutMs: PATIENT_MS, ...models },
    ...rest,
  });
  return { message: outputs['text_output'] as MessageValue, record };
}

/** The error with which a promise ends. */
export async function failureOf(promise: Promise<unknown>): Promise<{
  code: string;
  message: string;
  details: Record<string, unknown>;
}> {
  try {
    await promise;
  } catch (error) {
    return error as { code: string; message: string; details: Record<string, unknown> };
  }
  throw new Error('It was expected to fail.');
}
