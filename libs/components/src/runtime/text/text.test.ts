import { describe, expect, test } from 'vitest';
import { dataOf, messageOf, tableOf } from '../../coerce/value.js';
import type { MessageValue, Value } from '../../specs/values.js';
import { testComponent } from '../test-context.js';
import type { TestOptions } from '../test-options.js';

async function text(type: string, output: string, options: TestOptions): Promise<string> {
  const { outputs } = await testComponent(type, { outputs: [output], ...options });
  return (outputs[output] as MessageValue).text;
}

describe('Prompt', () => {
  const prompt = (options: TestOptions): Promise<string> => text('Prompt', 'prompt', options);

  test.each([100_000, 1_600_000])(
    'with %i invalid braces ends with a short error that names the flow’s field',
    async (count) => {
      const error: unknown = await prompt({ fields: { template: '{a '.repeat(count) } }).catch(
        (thrown: unknown) => thrown,
      );
      expect(error).toMatchObject({ code: 'FIELD_INVALID' });
      expect((error as Error).message.length).toBeLessThan(2_000);
    },
  );

  test('cannot make an unlimited text', async () => {
    const fields = { template: '{a}'.repeat(10_000), a: 'x'.repeat(1_000_000) };
    await expect(prompt({ fields })).rejects.toThrow(
      'the template makes a text that is too long; the limit is 20,000,000 characters.',
    );
  });

  test('fills variables from the node and from edges', async () => {
    expect(
      await prompt({
        fields: { template: '{{json}} {a} {b} {a}', a: 'one' },
        inputs: { b: messageOf('two') },
      }),
    ).toBe('{json} one two one');
  });

  test('the value of a variable is not read as a template', async () => {
    expect(await prompt({ fields: { template: '{a}', a: '{b} {{c}} $& {' } })).toBe('{b} {{c}} $& {');
  });

  test('with double brackets single braces are text', async () => {
    expect(await prompt({ fields: { template: '{"x": {{ a }}}', use_double_brackets: true, a: '1' } })).toBe(
      '{"x": 1}',
    );
  });

  test('a Data gives its text, or nothing', async () => {
    const fields = { template: '[{a}|{b}]' };
    expect(await prompt({ fields, inputs: { a: dataOf({ text: 'x' }), b: dataOf({ q: 'y' }) } })).toBe(
      '[x|]',
    );
  });

  test('files of messages are passed on', async () => {
    const { outputs } = await testComponent('Prompt', {
      fields: { template: '{a}' },
      inputs: { a: messageOf('see', { files: ['t/pic.png'] }) },
    });
    expect(outputs['prompt']).toEqual(messageOf('see', { files: ['t/pic.png'] }));
  });

  test('a variable without a field, and a template that cannot be read, are named', async () => {
    await expect(prompt({ fields: { template: '{gone}' } })).rejects.toThrow('uses {gone}');
    await expect(prompt({ fields: { template: '{ "a": 1 }' } })).rejects.toThrow(
      'Prompt Template: { "a": 1 }',
    );
    await expect(prompt({ fields: { template: '{a}' }, inputs: { a: tableOf([]) } })).rejects.toThrow(
      'field a needs text',
    );
  });

  test.each(['Prompt Template', 'PromptComponent'])('%s is the same component', async (type) => {
    expect(await text(type, 'prompt', { fields: { template: 'x' } })).toBe('x');
  });
});

describe('Parser', () => {
  const parse = (fields: TestOptions['fields'], input: Value): Promise<string> =>
    text('parser', 'parsed_text', { fields: { ...fields }, inputs: { input_data: input } });

  test('writes rows by the template, joined by the separator', async () => {
    const table = tableOf([{ name: 'Ada', age: 36 }, { name: 'Bob' }]);
    expect(await parse({ pattern: '{name}: {age}', sep: '; ' }, table)).toBe('Ada: 36; Bob: ');
    expect(await parse({ pattern: '{name}', sep: String.raw`,\n` }, table)).toBe('Ada,\nBob');
  });

  test('a column that no row has is named, with the existing columns', async () => {
    await expect(parse({ pattern: '{nme}' }, tableOf([{ name: 'Ada' }]))).rejects.toThrow(
      '{nme}, but the table has no such column (columns: name)',
    );
  });

  test('a member that a Data lacks is its default, else empty', async () => {
    expect(await parse({ pattern: '{a}{b}' }, dataOf({ a: true }))).toBe('True');
    expect(await parse({ pattern: '{b}' }, { kind: 'data', data: {}, defaultValue: 'none' })).toBe('none');
  });

  test('a list of Data is written item by item', async () => {
    expect(
      await parse({ pattern: '{a}' }, { kind: 'plain', value: [dataOf({ a: 1 }), dataOf({ a: 2 })] }),
    ).toBe('1\n2');
  });

  test('Stringify shows tables as markdown and Data as JSON', async () => {
    expect(await parse({ mode: 'Stringify' }, tableOf([{ a: 1 }]))).toBe('|   a |\n|----:|\n|   1 |');
    expect(await parse({ mode: 'Stringify' }, dataOf({ a: 1 }))).toBe('```json\n{\n  "a": 1\n}\n```');
  });

  test('a template that cannot be read is named', async () => {
    await expect(parse({ pattern: '{a' }, dataOf({}))).rejects.toThrow('the template has a single {');
  });
});

describe('Type Convert', () => {
  test('gives the requested outputs', async () => {
    const { outputs } = await testComponent('TypeConverterComponent', {
      fields: { auto_parse: true },
      inputs: { input_data: messageOf('[{"a":1}]') },
    });
    expect(outputs).toEqual({
      message_output: messageOf('[{"a":1}]'),
      data_output: dataOf({ records: [{ a: 1 }] }),
      dataframe_output: tableOf([{ a: 1 }]),
    });
  });
});

describe('components of older flows', () => {
  test('Data to Message writes text and a list', async () => {
    const { outputs } = await testComponent('ParseData', {
      fields: { template: 'Q: {q}', sep: ' | ' },
      inputs: { data: [dataOf({ q: 1 }), dataOf({ q: 2 })] },
    });
    expect(outputs['text']).toEqual(messageOf('Q: 1 | Q: 2'));
    expect(outputs['data_list']).toEqual({
      kind: 'plain',
      value: [dataOf({ q: 1, text: 'Q: 1' }), dataOf({ q: 2, text: 'Q: 2' })],
    });
  });

  test('Parse DataFrame writes rows', async () => {
    const options = { fields: { template: '{a}' }, inputs: { df: tableOf([{ a: 1 }, { a: 2 }]) } };
    expect(await text('ParseDataFrame', 'text', options)).toBe('1\n2');
  });

  test('Message to Data gives the members', async () => {
    const { outputs } = await testComponent('MessagetoData', {
      inputs: { message: messageOf('hi', { sender: 'User', sessionId: 's' }) },
    });
    expect(outputs['data']).toEqual(dataOf({ text: 'hi', sender: 'User', session_id: 's' }));
  });
});

test('Text Input and Text Output give their text', async () => {
  expect(await text('TextInput', 'text', { fields: { input_value: 'a' } })).toBe('a');
  expect(await text('TextOutput', 'text', { inputs: { input_value: messageOf('b') } })).toBe('b');
});
