import type { FlowDocument, Json } from '@causeway/dag';
import { type ScriptedProvider, startScriptedProvider } from '@causeway/scripted-provider';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { GuardedHttp } from '../src/runtime/component.js';
import { type DrawnEdge, type DrawnNode, drawnFlow } from './drawn-flow.js';
import { type FlowRun, runInMemory } from './run-in-memory.js';
import { shippedFlows, shippedMissing } from './shipped-flows.js';

let provider: ScriptedProvider;
beforeAll(async () => {
  provider = await startScriptedProvider();
});
afterAll(() => provider.close());

const page: GuardedHttp = async (url) => ({
  status: 200,
  headers: { 'content-type': 'text/html' },
  body: Buffer.from('<title>Page</title><p>What the page says.</p>'),
  url,
});

function done(run: FlowRun): Extract<FlowRun, { status: string }> {
  if ('refused' in run) throw new Error(`refused: ${run.refused.map(({ message }) => message).join(' ')}`);
  if (run.error !== undefined) throw run.error;
  return run;
}

async function ended(
  flow: FlowDocument,
  input = 'Hello',
): Promise<{ text: unknown; paths: readonly string[] }> {
  const { results, paths } = done(await runInMemory(flow, input));
  const output = Object.values(results)[0]?.['message'] as { text: string } | undefined;
  return { text: output?.text, paths };
}

const chat: Record<string, DrawnNode> = { 'ChatInput-1': ['ChatInput'], 'ChatOutput-1': ['ChatOutput'] };

describe('If-Else', () => {
  const nodes: Record<string, DrawnNode> = {
    ...chat,
    route: ['ConditionalRouter', { match_text: 'yes' }],
    yes: ['Prompt', { template: 'It was {word}.', word: '' }],
    no: ['Prompt', { template: 'It was not, but {word}.', word: '' }],
    merge: ['Prompt', { template: '[{a}{b}]', a: '', b: '' }],
  };
  const edges: DrawnEdge[] = [
    ['ChatInput-1.message', 'route.input_text'],
    ['route.true_result', 'yes.word'],
    ['route.false_result', 'no.word'],
    ['yes.prompt', 'merge.a'],
    ['no.prompt', 'merge.b'],
    ['merge.prompt', 'ChatOutput-1.input_value'],
  ];

  test('runs one branch only, and the nodes after both', async () => {
    expect(await ended(drawnFlow(nodes, edges), 'yes')).toEqual({
      text: '[It was yes.]',
      paths: ['ChatInput-1', 'route', 'yes', 'merge', 'ChatOutput-1'],
    });
    expect((await ended(drawnFlow(nodes, edges), 'maybe')).text).toBe('[It was not, but maybe.]');
  });

  test('in a cycle repeats until the comparison is true, at most max_iterations times', async () => {
    const round: Record<string, DrawnNode> = {
      ...chat,
      add: ['Prompt', { template: '{word}a', word: '' }],
      route: [
        'ConditionalRouter',
        { match_text: 'aaa', operator: 'ends with', default_route: 'true_result', max_iterations: 10 },
      ],
    };
    const back: DrawnEdge[] = [
      ['ChatInput-1.message', 'add.word'],
      ['add.prompt', 'route.input_text'],
      ['route.false_result', 'add.word'],
      ['route.true_result', 'ChatOutput-1.input_value'],
    ];
    const run = await ended(drawnFlow(round, back), 'x');
    expect(run.text).toBe('xaaa');
    expect(run.paths).toEqual([
      'ChatInput-1',
      'add',
      'route',
      'add#2',
      'route#2',
      'add#3',
      'route#3',
      'ChatOutput-1#3',
    ]);
    const short = {
      ...round,
      route: ['ConditionalRouter', { ...round['route']?.[1], max_iterations: 2 }] as DrawnNode,
    };
    expect((await ended(drawnFlow(short, back), 'x')).text).toBe('xaa');
  });
});

test('an agent of an older flow calls a calculator that is connected as a tool', async () => {
  const tool = { name: 'calculator', args: { expression: '6*7' } };
  provider.setScript([{ times: 1, reply: { toolCalls: [tool] } }, { reply: { text: 'It is 42.' } }]);
  const nodes: Record<string, DrawnNode> = {
    ...chat,
    sums: ['CalculatorTool'],
    agent: ['Agent', { add_current_date_tool: false }],
  };
  const edges: DrawnEdge[] = [
    ['ChatInput-1.message', 'agent.input_value'],
    ['sums.api_build_tool', 'agent.tools'],
    ['agent.response', 'ChatOutput-1.input_value'],
  ];
  const models = { scriptedProviderUrl: provider.url };
  const { results } = done(await runInMemory(drawnFlow(nodes, edges), 'What is 6 * 7?', { models }));
  expect(results['ChatOutput-1']).toMatchObject({ message: { text: 'It is 42.' } });
  expect(provider.calls()[0]?.toolNames).toEqual(['calculator']);
  expect(results).toMatchObject({ 'ChatOutput-1': { message: { text: 'It is 42.' } } });
});

describe('Loop', () => {
  const nodes: Record<string, DrawnNode> = {
    ...chat,
    rows: ['TypeConverterComponent', { auto_parse: true, output_type: 'DataFrame' }],
    each: ['LoopComponent'],
    write: ['ParserComponent', { pattern: '{name} is {age}' }],
    all: ['ParserComponent', { pattern: '- {text}' }],
  };
  const edges: DrawnEdge[] = [
    ['ChatInput-1.message', 'rows.input_data'],
    ['rows.dataframe_output', 'each.data'],
    ['each.item', 'write.input_data'],
    ['write.parsed_text', 'each.item'],
    ['each.done', 'all.input_data'],
    ['all.parsed_text', 'ChatOutput-1.input_value'],
  ];

  test('runs its body once per row and collects the results in order', async () => {
    const run = await ended(drawnFlow(nodes, edges), 'name,age\nAda,36\nBob,40');
    expect(run.text).toBe('- Ada is 36\n- Bob is 40');
    expect(run.paths).toEqual([
      'ChatInput-1',
      'rows',
      'each',
      'each[0]/write',
      'each[1]/write',
      'each[done]',
      'all',
      'ChatOutput-1',
    ]);
  });

  test('over an empty list gives nothing', async () => {
    expect((await ended(drawnFlow(nodes, edges), '[]')).text).toBe('');
  });
});

describe('an agent', () => {
  test('uses components as tools', async () => {
    const flow = drawnFlow({ ...chat, 'Agent-1': ['Agent', { add_calculator_tool: true }] }, [
      ['ChatInput-1.message', 'Agent-1.input_value'],
      ['Agent-1.response', 'ChatOutput-1.input_value'],
    ]);
    const models = { scriptedProviderUrl: provider.url };
    expect(done(await runInMemory(flow, 'What is 1 + 1?', { models })).status).toBe('succeeded');
  });
});

describe('flows that Langflow ships', () => {
  const flows = shippedFlows();
  if (flows === undefined) {
    test.skip(shippedMissing, () => undefined);
    return;
  }
  // Read File nodes have no file in an export, and model nodes of 1.9 and later no model.
  const tweaks = (flow: FlowDocument): Json =>
    Object.fromEntries(
      flow.data.nodes
        .filter((node) => (node['data'] as { type?: string }).type === 'File')
        .map((node) => [String(node['id']), { path: ['t/note.txt'] }]),
    );

  test('run to the end when all of their components are known', async () => {
    const table: string[] = [];
    const failed: string[] = [];
    for (const { file, document } of flows) {
      const run = await runInMemory(document, 'Hello', {
        http: page,
        files: { 't/note.txt': 'A note.' },
        models: { scriptedProviderUrl: provider.url },
        tweaks: tweaks(document),
      });
      const outcome =
        'refused' in run
          ? `refused: ${[...new Set(run.refused.map(({ code }) => code))].join()}`
          : run.status;
      table.push(`${outcome.padEnd(12)} ${file}`);
      if ('error' in run) failed.push(`${file}: ${String(run.error)}`);
      if (
        'refused' in run &&
        !run.refused.every(({ code }) => /^COMPONENT_(UNKNOWN|CUSTOM|EDITED)/.test(code))
      )
        failed.push(
          `${file}: ${run.refused.map(({ message, remedy }) => `${message} ${remedy}`).join(' | ')}`,
        );
    }
    console.log(table.toSorted().join('\n'));
    expect(failed).toEqual([]);
  });
});
