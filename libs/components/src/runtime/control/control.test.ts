import { isCausewayError } from '@causeway/dag';
import { describe, expect, test } from 'vitest';
import { dataOf, messageOf, tableOf } from '../../coerce/value.js';
import type { MessageValue, PlainValue } from '../../specs/values.js';
import { testComponent } from '../test-context.js';
import type { TestOptions } from '../test-options.js';
import { maxItems } from './loop.js';

describe('If-Else', () => {
  const route = async (fields: TestOptions['fields'], rest: TestOptions = {}) => {
    const run = await testComponent('ConditionalRouter', { fields: { ...fields }, ...rest });
    const open = Object.keys(run.outputs);
    return { open, closed: run.closedOutputs, text: (run.outputs[open[0] ?? ''] as MessageValue).text };
  };
  const yes = { input_text: 'a', match_text: 'a' };
  const no = { input_text: 'a', match_text: 'b' };

  test('opens one output and closes the other', async () => {
    expect(await route(yes)).toEqual({ open: ['true_result'], closed: ['false_result'], text: 'a' });
    expect(await route(no)).toEqual({ open: ['false_result'], closed: ['true_result'], text: 'a' });
  });

  test('a case’s own message is sent instead of the text', async () => {
    expect((await route({ ...yes, true_case_message: 'yes' })).text).toBe('yes');
    expect((await route({ ...no, true_case_message: 'yes', false_case_message: 'no' })).text).toBe('no');
    expect((await route({ ...no, message: 'older' })).text).toBe('older');
  });

  test('a Message that is compared is sent on with all its members', async () => {
    const run = await testComponent('ConditionalRouter', {
      fields: { match_text: 'a' },
      inputs: { input_text: messageOf('a', { files: ['f'] }) },
    });
    expect(run.outputs['true_result']).toEqual(messageOf('a', { files: ['f'] }));
  });

  test('operator and case follow the fields', async () => {
    expect((await route({ ...yes, input_text: 'A', case_sensitive: false })).open).toEqual(['true_result']);
    expect((await route({ input_text: '10', match_text: '9', operator: 'greater than' })).open).toEqual([
      'true_result',
    ]);
    expect((await route({ input_text: 'abc', match_text: '[a-b]+', operator: 'regex' })).open).toEqual([
      'true_result',
    ]);
  });

  test('from visit max_iterations on the default output is opened, whatever is compared', async () => {
    expect((await route(yes, { visit: 9 })).open).toEqual(['true_result']);
    expect((await route(yes, { visit: 10 })).open).toEqual(['false_result']);
    expect((await route(yes, { visit: 11 })).open).toEqual(['false_result']);
    const own = { ...no, max_iterations: 2, default_route: 'true_result' };
    expect((await route(own, { visit: 1 })).open).toEqual(['false_result']);
    expect((await route(own, { visit: 2 })).open).toEqual(['true_result']);
  });

  test('an unknown operator and a pattern that is too costly are errors', async () => {
    await expect(route({ ...yes, operator: 'near' })).rejects.toThrow(
      'the comparison names the operator near',
    );
    await expect(route({ ...yes, operator: 'regex', match_text: '(?=a)' })).rejects.toThrow('look-around');
  });
});

describe('Loop', () => {
  const open = (data: unknown) =>
    testComponent('LoopComponent', { inputs: { data: data as never }, phase: 'open', outputs: ['item'] });

  test('opens with the items of a table, of Data, of messages', async () => {
    const run = await open([
      tableOf([{ a: 1 }, { a: 2 }]),
      dataOf({ b: 1 }),
      messageOf('m', { sender: 'User' }),
    ]);
    expect(run.items).toBe(4);
    expect((run.outputs['item'] as PlainValue).value).toEqual([
      dataOf({ a: 1 }),
      dataOf({ a: 2 }),
      dataOf({ b: 1 }),
      dataOf({ text: 'm' }),
    ]);
  });

  test('an empty list has no items', async () => {
    expect((await open(tableOf([]))).items).toBe(0);
  });

  test('a list beyond the limit is refused, and the limit is named', async () => {
    const rows = Array.from({ length: maxItems + 1 }, () => ({ a: 1 }));
    const error: unknown = await open(tableOf(rows)).catch((thrown: unknown) => thrown);
    expect(isCausewayError(error) && [error.code, error.message]).toEqual([
      'LIMIT_STEPS',
      `Component Loop reached its limit of ${maxItems} items.`,
    ]);
  });

  test('closes with a table of the results in order', async () => {
    const run = await testComponent('LoopComponent', {
      phase: 'close',
      outputs: ['done'],
      inputs: { item: [messageOf('one'), dataOf({ a: 2 }), 'three'] },
    });
    expect(run.outputs).toEqual({ done: tableOf([{ text: 'one' }, { a: 2 }, { text: 'three' }]) });
  });

  test('an iteration that gives a list is one row, like one that gives a table', async () => {
    const list: unknown = { kind: 'plain', value: [dataOf({ a: 1 }), messageOf('m'), 'text', 3, ['b']] };
    const given = [list, tableOf([{ a: 1 }]), { kind: 'plain', value: { a: 2 } }];
    const run = await testComponent('LoopComponent', {
      phase: 'close',
      outputs: ['done'],
      inputs: { item: given as never },
    });
    expect(run.outputs).toEqual({
      done: tableOf([
        { results: [{ a: 1 }, { text: 'm' }, 'text', 3, { results: ['b'] }] },
        { results: [{ a: 1 }] },
        { a: 2 },
      ]),
    });
  });

  test('a result of an iteration that is no row is an error that names the field', async () => {
    const error: unknown = await testComponent('LoopComponent', {
      phase: 'close',
      outputs: ['done'],
      inputs: { item: [messageOf('one'), 7] },
    }).catch((thrown: unknown) => thrown);
    expect(isCausewayError(error) && [error.code, error.message]).toEqual([
      'FIELD_INVALID',
      'Error building Component Loop: field item needs Data, but gets a number.',
    ]);
  });

  test('closes with an empty table when nothing ran', async () => {
    const run = await testComponent('LoopComponent', {
      phase: 'close',
      outputs: ['done'],
      inputs: { item: [] },
    });
    expect(run.outputs).toEqual({ done: tableOf([]) });
  });

  test('closes with a list of Data where the flow says so', async () => {
    const done = {
      name: 'done',
      displayName: 'Done',
      method: 'done_output',
      types: ['Data'],
      kind: 'value',
      toolMode: true,
    } as const;
    const run = await testComponent('LoopComponent', {
      phase: 'close',
      outputs: ['done'],
      inputs: { item: [messageOf('one')] },
      node: { outputs: [done] },
    });
    expect(run.outputs).toEqual({ done: { kind: 'plain', value: [dataOf({ text: 'one' })] } });
  });
});

test('Pass sends its message on', async () => {
  const message = messageOf('x', { sender: 'User' });
  expect((await testComponent('Pass', { inputs: { input_message: message } })).outputs).toEqual({
    output_message: message,
  });
});
