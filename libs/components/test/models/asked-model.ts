import { testComponent } from '../../src/runtime/test-context.js';
import type { TestOptions, TestRecord } from '../../src/runtime/test-options.js';
import type { MessageValue } from '../../src/specs/values.js';
import { PATIENT_MS } from './ask-model.js';
import type { ProviderCase } from './provider-cases.js';

/** Runs the model node of a provider with a server in the place of the provider. */
export async function askedModel(
  server: { readonly url: string },
  protocol: ProviderCase,
  options: TestOptions = {},
): Promise<{ message: MessageValue; record: TestRecord }> {
  const { fields, models, ...rest } = options;
  const { outputs, ...record } = await testComponent(protocol.type, {
    outputs: ['text_output'],
    fields: { input_value: 'Hello', model_name: protocol.model, api_key: 'key-of-this-team', ...fields },
    models: { providerBaseUrls: { [protocol.providerId]: server.url }, idleTimeoutMs: PATIENT_MS, ...models },
    ...rest,
  });
  return { message: outputs['text_output'] as MessageValue, record };
}
