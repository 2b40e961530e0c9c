import { describe, expect, it } from 'vitest';
import { type Tool, toolsIn } from '../../src/runtime/agent/tool.js';
import type { ComponentContext, StepAttempt } from '../../src/runtime/component.js';
import type { TestOptions } from '../../src/runtime/test-options.js';
import { toolsOf } from './run-agent.js';

const attempt: StepAttempt = { idempotencyKey: 'k', signal: new AbortController().signal };

async function tools(type: string, options: TestOptions = {}): Promise<readonly Tool[]> {
  return toolsIn(await toolsOf(type, options));
}

describe('a component in tool mode', () => {
  it('is offered by method, description and the fields that are arguments', async () => {
    const [tool, ...more] = await tools('CalculatorComponent');
    expect(more).toEqual([]);
    expect(tool).toMatchObject({
      name: 'evaluate_expression',
      description: 'Perform basic arithmetic operations on a given expression.',
      effects: 'none',
      parameters: {
        type: 'object',
        properties: { expression: { type: 'string', title: 'Expression', default: '' } },
      },
    });
  });

  it('runs on its node’s settings with the arguments given', async () => {
    const [tool] = await tools('ParserComponent', {
      fields: { pattern: 'Hello {text}', mode: 'Parser' },
      planFields: { input_data: { toolMode: true, type: 'dict' } },
    });
    expect(await tool?.call({ input_data: { text: 'Ada' } }, attempt)).toBe('Hello Ada');
  });

  it('gives Data as its data', async () => {
    const [tool] = await tools('CalculatorComponent');
    expect(await tool?.call({ expression: '6*7' }, attempt)).toEqual({ result: '42' });
  });

  it('hides the arguments of one call from another', async () => {
    const [tool] = await tools('CalculatorComponent');
    await tool?.call({ expression: '1' }, attempt);
    expect(await tool?.call({}, attempt)).not.toEqual({ result: '1' });
  });

  it('offers lists as lists and treats a single text as a list of one', async () => {
    const [tool] = await tools('URLComponent', {
      context: {
        http: async (url) => ({
          status: 200,
          headers: { 'content-type': 'text/html' },
          body: new TextEncoder().encode(`<p>Page ${url}</p>`),
          url,
        }),
      } as Partial<ComponentContext>,
    });
    expect(tool?.name).toBe('fetch_content');
    expect(tool?.parameters).toMatchObject({
      properties: { urls: { type: 'array', items: { type: 'string' } } },
    });
    const rows = (await tool?.call({ urls: 'https://example.org/a' }, attempt)) as { text: string }[];
    expect(rows[0]?.text).toContain('Page https://example.org/a');
  });

  it('is refused with a message for the model when an argument has the wrong type', async () => {
    const [tool] = await tools('CalculatorComponent', { planFields: { expression: { type: 'int' } } });
    await expect(tool?.call({ expression: 'two' }, attempt)).rejects.toThrow(
      'The argument expression must be integer.',
    );
  });

  it('is refused when an argument is missing that it needs', async () => {
    const [tool] = await tools('CalculatorComponent', { planFields: { expression: { required: true } } });
    expect(tool?.parameters).toMatchObject({ required: ['expression'] });
    await expect(tool?.call({ expression: null }, attempt)).rejects.toThrow(
      'The argument expression is missing.',
    );
  });

  it('ignores arguments that it does not have', async () => {
    const [tool] = await tools('CalculatorComponent');
    const args = JSON.parse('{"expression":"1+1","tools_metadata":[],"__proto__":{"x":1}}') as never;
    expect(await tool?.call(args, attempt)).toEqual({ result: '2' });
  });

  it('offers options as an enumeration, unless there are too many', async () => {
    const options = (count: number): TestOptions => ({
      planFields: { expression: { options: Array.from({ length: count }, (_, index) => `o${index}`) } },
    });
    const [few] = await tools('CalculatorComponent', options(2));
    const [many] = await tools('CalculatorComponent', options(51));
    expect(few?.parameters).toMatchObject({ properties: { expression: { enum: ['o0', 'o1'] } } });
    expect(JSON.stringify(many?.parameters)).not.toContain('enum');
  });

  it('never offers a secret as a default', async () => {
    const [tool] = await tools('CalculatorComponent', {
      fields: { expression: 'sk-canary' },
      planFields: { expression: { password: true } },
    });
    expect(JSON.stringify(tool?.parameters)).not.toContain('sk-canary');
  });
});

describe('the table of a node’s tools', () => {
  const row = (rest: object): TestOptions => ({
    fields: {
      tools_metadata: [
        {
          name: 'evaluate_expression',
          description: '',
          tags: ['evaluate_expression'],
          status: true,
          ...rest,
        },
      ],
    },
  });

  it('renames a tool, describes it and its arguments', async () => {
    const [tool] = await tools(
      'CalculatorComponent',
      row({ name: 'do sums!', description: 'Does sums.', args: { expression: { description: 'A sum.' } } }),
    );
    expect(tool).toMatchObject({ name: 'do-sums-', description: 'Does sums.' });
    expect(tool?.parameters).toMatchObject({ properties: { expression: { description: 'A sum.' } } });
  });

  it('removes a tool by a false status', async () => {
    expect(await tools('CalculatorComponent', row({ status: false }))).toEqual([]);
  });

  it('changes nothing when it fits none of the outputs', async () => {
    expect(
      await tools(
        'CalculatorComponent',
        row({ tags: ['old_name'], display_name: 'old_name', status: false }),
      ),
    ).toHaveLength(1);
  });

  it('does no harm when it is no table', async () => {
    expect(await tools('CalculatorComponent', { fields: { tools_metadata: 'x' } })).toHaveLength(1);
    expect(await tools('CalculatorComponent', { fields: { tools_metadata: [null, 1, {}] } })).toHaveLength(1);
  });
});

describe('the tools of an agent', () => {
  it('each have a name of their own', async () => {
    const one = await toolsOf('CalculatorComponent');
    expect(toolsIn([one, one, one]).map(({ name }) => name)).toEqual([
      'evaluate_expression',
      'evaluate_expression_2',
      'evaluate_expression_3',
    ]);
  });

  it('are none when nothing is connected', () => {
    expect([
      toolsIn(''),
      toolsIn(undefined),
      toolsIn([]),
      toolsIn([{ kind: 'handle', type: 'LanguageModel', object: {} }]),
    ]).toEqual([[], [], [], []]);
  });
});
