import { type ScriptedProvider, startScriptedProvider } from '@causeway/scripted-provider';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { toolsIn, toolsHandle } from '../../src/runtime/agent/tool.js';
import { runNode } from '../../src/runtime/agent/run-node.js';
import type { ComponentContext, Handle } from '../../src/runtime/component.js';
import { findRuntime } from '../../src/runtime/registry.js';
import { testContext } from '../../src/runtime/test-context.js';
import { PATIENT_MS } from '../models/ask-model.js';
import { Journal } from './journal.js';
import { runAgentNode, toolsOf } from './run-agent.js';

let provider: ScriptedProvider;
let calculator: Handle;
/** How often a tool was really called. */
let toolCalls: string[];
beforeAll(async () => {
  provider = await startScriptedProvider();
  const real = await toolsOf('CalculatorComponent');
  calculator = toolsHandle(
    toolsIn(real).map((tool) => ({
      ...tool,
      call: (args, attempt) => {
        toolCalls.push(JSON.stringify(args));
        return tool.call(args, attempt);
      },
    })),
  );
});
afterAll(() => provider.close());

const adds = (expression: string): object => ({ name: 'evaluate_expression', args: { expression } });

/** Answers that depend only on the conversation, like those of a provider that answers equal requests equally. */
const script = [
  { when: { lastMessageContains: '{"result":"6"}' }, reply: { text: 'It is 6 in the end.' } },
  { when: { lastMessageContains: '{"result":"5"}' }, reply: { toolCalls: [adds('5+1')] } },
  { when: { hasToolResult: false }, reply: { toolCalls: [adds('2+2'), adds('4+1')] } },
];

beforeEach(() => {
  provider.clear();
  provider.setScript(script as never);
  toolCalls = [];
});

function run(journal: Journal, rest: { now?: string } = {}): ReturnType<typeof runAgentNode> {
  const context: Partial<ComponentContext> = { step: journal.stepsOf('Agent-1'), ...rest };
  return runAgentNode(provider, { context, fields: { system_prompt: 'Today {current_date}.' } }, [
    calculator,
  ]);
}

describe('an agent that is killed and resumed', () => {
  it('makes six steps without a crash', async () => {
    const journal = new Journal();
    const { message } = await run(journal);
    expect(message.text).toBe('It is 6 in the end.');
    expect(journal.made).toEqual([1, 2, 3, 4, 5, 6].map((step) => `Agent-1/${step}`));
    expect(provider.calls()).toHaveLength(3);
    expect(toolCalls).toHaveLength(3);
  });

  it.each([0, 1, 2, 3, 4, 5, 6])(
    'after %i steps makes only the others, with the same answer',
    async (done) => {
      const first = new Journal();
      const whole = await run(first);
      provider.clear();
      toolCalls = [];
      const second = first.cutAfter(done);
      // Another day, so that a date in the prompt would be different.
      const resumed = await run(second, { now: '2026-02-01T08:00:00.000Z' });
      expect(second.made).toEqual([1, 2, 3, 4, 5, 6].slice(done).map((step) => `Agent-1/${step}`));
      expect(provider.calls()).toHaveLength([1, 4, 6].filter((step) => step > done).length);
      expect(toolCalls).toHaveLength([2, 3, 5].filter((step) => step > done).length);
      expect(resumed.message.text).toBe(whole.message.text);
      expect(resumed.message.properties).toEqual(whole.message.properties);
    },
  );

  it('shows the durations of the calls that were really made', async () => {
    const first = new Journal();
    const whole = await run(first);
    const resumed = await run(first.cutAfter(6));
    expect(resumed.message.contentBlocks).toEqual(whole.message.contentBlocks);
  });

  it('calls the model again when the request has changed', async () => {
    const journal = new Journal();
    await run(journal);
    journal.made.length = 0;
    const context: Partial<ComponentContext> = { step: journal.stepsOf('Agent-1') };
    await runAgentNode(provider, { context, fields: { system_prompt: 'Other.' } }, [calculator]);
    expect(journal.made[0]).toBe('Agent-1/1');
  });
});

describe('an agent that is another agent’s tool', () => {
  const script = [
    { when: { lastMessageContains: 'inner: {"result":"9"}' }, reply: { text: 'outer done' } },
    {
      when: { lastMessageContains: '{"result":"9"}', toolsOffered: ['evaluate_expression'] },
      reply: { text: 'inner: {"result":"9"}' },
    },
    {
      when: { toolsOffered: ['ask_helper'] },
      reply: { toolCalls: [{ name: 'ask_helper', args: { input_value: 'nine?' } }] },
    },
    { when: { toolsOffered: ['evaluate_expression'] }, reply: { toolCalls: [adds('3*3')] } },
  ];

  async function runNested(
    journal: Journal,
  ): Promise<{ text: string; emitted: unknown[]; stored: unknown[] }> {
    const helper = testContext('Agent', {
      node: { id: 'Agent-2', path: 'Agent-2', toolMode: true, streamsTo: 'ChatOutput-1' },
      fields: {
        add_current_date_tool: false,
        tools_metadata: [
          {
            name: 'ask_helper',
            description: 'Asks a helper.',
            tags: ['Call_Agent'],
            display_name: 'message_response',
            status: true,
          },
        ],
      },
      inputs: { tools: [calculator] },
      models: { scriptedProviderUrl: provider.url, idleTimeoutMs: PATIENT_MS },
    });
    const runtime = await findRuntime('Agent');
    if (runtime === undefined) throw new Error('There is no runtime for agents.');
    const { outputs } = await runNode(runtime, helper.context);
    const context: Partial<ComponentContext> = { step: journal.stepsOf('Agent-1') };
    const { message } = await runAgentNode(provider, { context }, [outputs['component_as_tool'] as Handle]);
    return { text: message.text, emitted: helper.record.emitted, stored: helper.record.stored };
  }

  beforeEach(() => provider.setScript(script as never));

  it('has steps below the step of the call', async () => {
    const journal = new Journal();
    expect((await runNested(journal)).text).toBe('outer done');
    expect(journal.made).toEqual([
      'Agent-1/1',
      'Agent-1/2',
      'Agent-1/2/1',
      'Agent-1/2/2',
      'Agent-1/2/3',
      'Agent-1/3',
    ]);
  });

  it('stores and shows no messages', async () => {
    const { emitted, stored } = await runNested(new Journal());
    expect([emitted, stored]).toEqual([[], []]);
  });

  it('does not make its inner steps again when it is killed in the middle', async () => {
    const whole = new Journal();
    await runNested(whole);
    provider.clear();
    toolCalls = [];
    const resumed = whole.without('Agent-1/2').without('Agent-1/2/3').without('Agent-1/3');
    expect((await runNested(resumed)).text).toBe('outer done');
    expect(resumed.made).toEqual(['Agent-1/2', 'Agent-1/2/3', 'Agent-1/3']);
    expect(toolCalls).toEqual([]);
    expect(provider.calls()).toHaveLength(2);
  });
});
