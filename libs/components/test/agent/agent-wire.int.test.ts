import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ComponentContext, Handle } from '../../src/runtime/component.js';
import { PATIENT_MS } from '../models/ask-model.js';
import { providerCases } from '../models/provider-cases.js';
import { type WireServer, startWireServer } from '../models/wire-server.js';
import { Journal } from './journal.js';
import { runAgentNode, toolsOf } from './run-agent.js';

let server: WireServer;
let calculator: Handle;
beforeAll(async () => {
  server = await startWireServer();
  calculator = await toolsOf('CalculatorComponent');
});
afterAll(() => server.close());
beforeEach(() => {
  server.requests.length = 0;
});

describe.each(providerCases)('an agent over $name', (protocol) => {
  const call = (id: string, expression: string): { id: string; name: string; args: object } => ({
    id,
    name: 'evaluate_expression',
    args: { expression },
  });

  async function run(options: { node?: object; context?: Partial<ComponentContext> }): Promise<string> {
    server.answer = (request, response) => {
      const body = JSON.stringify(request.body);
      if (!body.includes('\\"result\\":\\"42\\"') && !body.includes('"result":"42"')) {
        return protocol.answer(request, response, {
          text: 'Let me see.',
          calls: [call('c-1', '6*7'), call('c-2', '1+1')],
        });
      }
      protocol.answer(request, response, { text: 'It is 42.' });
    };
    const { message } = await runAgentNode(
      server,
      {
        fields: {
          agent_llm: protocol.provider,
          model_name: protocol.model,
          api_key: 'k',
          system_prompt: 'Help.',
        },
        models: {
          providerBaseUrls: { [protocol.providerId]: server.url },
          idleTimeoutMs: PATIENT_MS,
          scriptedProviderUrl: undefined as never,
        },
        ...options,
      },
      [calculator],
    );
    return message.text;
  }

  it.each([
    ['awaited whole', {}],
    ['read as a stream', { node: { streamsTo: 'ChatOutput-1' } }],
  ])('offers tools, makes the calls and sends their results back, %s', async (_how, options) => {
    expect(await run(options)).toBe('It is 42.');
    expect(server.requests).toHaveLength(2);
    const [first, second] = server.requests;
    expect(first && protocol.toolsIn(first)).toEqual(['evaluate_expression']);
    const back = JSON.stringify(second?.body);
    expect(back).toContain('6*7');
    expect(back.replaceAll('\\', '')).toContain('{"result":"2"}');
    expect(back).toContain('Let me see.');
  });

  it('continues from the journal as if it had not stopped', async () => {
    const journal = new Journal();
    await run({ context: { step: journal.stepsOf('Agent-1') } });
    const before = server.requests[1]?.body;
    server.requests.length = 0;
    const resumed = journal.cutAfter(3);
    await run({ context: { step: resumed.stepsOf('Agent-1') } });
    expect(server.requests.map(({ body }) => body)).toEqual([before]);
  });
});
