import type { ScriptedProvider } from '@causeway/scripted-provider';
import type { DataValue, MessageValue } from '../../src/specs/values.js';
import { runNode } from '../../src/runtime/agent/run-node.js';
import type { ComponentContext, Handle } from '../../src/runtime/component.js';
import { findRuntime } from '../../src/runtime/registry.js';
import { testContext } from '../../src/runtime/test-context.js';
import type { TestOptions, TestRecord } from '../../src/runtime/test-options.js';
import { PATIENT_MS } from '../models/ask-model.js';

/** The result of an agent. */
export interface AgentRun {
  readonly message: MessageValue;
  readonly data: DataValue;
  readonly record: TestRecord;
  readonly context: ComponentContext;
}

/** Runs an Agent with the scripted provider; without the tools of its own switches unless requested. */
export async function runAgentNode(
  provider: Pick<ScriptedProvider, 'url'>,
  options: TestOptions = {},
  tools: readonly Handle[] = [],
): Promise<AgentRun> {
  const { fields, inputs, models, ...rest } = options;
  const { context, record } = testContext('Agent', {
    outputs: ['response'],
    fields: { input_value: 'What is 2 + 2?', add_current_date_tool: false, ...fields },
    inputs: { tools, ...inputs },
    models: { scriptedProviderUrl: provider.url, idleTimeoutMs: PATIENT_MS, ...models },
    ...rest,
  });
  const runtime = await findRuntime('Agent');
  if (runtime === undefined) throw new Error('There is no runtime for agents.');
  const { outputs } = await runNode(runtime, context);
  return {
    message: outputs['response'] as MessageValue,
    data: outputs['structured_response'] as DataValue,
    record,
    context,
  };
}

/** The tools of a node in tool mode. */
export async function toolsOf(type: string, options: TestOptions = {}): Promise<Handle> {
  const { context } = testContext(type, { ...options, node: { toolMode: true, ...options.node } });
  const runtime = await findRuntime(type);
  if (runtime === undefined) throw new Error(`There is no runtime for components of type ${type}.`);
  const { outputs } = await runNode(runtime, context);
  return outputs['component_as_tool'] as Handle;
}

/** The request that the provider received in its n-th call. */
export function sent(provider: ScriptedProvider, call: number): readonly Record<string, unknown>[] {
  return (provider.calls()[call - 1]?.messages ?? []) as Record<string, unknown>[];
}
