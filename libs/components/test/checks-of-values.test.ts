import { compileFlow, isCausewayError, type Json } from '@causeway/dag';
import { expect, test } from 'vitest';
import { runtimeTypes } from '../src/runtime/registry.js';
import { testComponent } from '../src/runtime/test-context.js';
import { catalogue } from '../src/specs/catalogue.js';
import { drawnFlow } from './drawn-flow.js';

/** Values that a file can hold in any field, and that most fields cannot use. */
const oddValues: readonly Json[] = [
  'no such thing',
  '{',
  '(?=a)',
  'a b: c',
  -1,
  true,
  [{ a: 1 }],
  [[1]],
  ['x', { y: {} }],
  { a: { b: [] } },
  Array.from({ length: 60 }, (_, at) => `https://a.test/${at}`),
];

/** Values with which a node of any type begins its work. */
const usable: Readonly<Record<string, Json>> = {
  input_value: 'hello',
  input_text: 'a',
  match_text: 'b',
  url_input: 'https://a.test',
  urls: ['https://a.test'],
  model: [{ name: 'gpt-4.1', provider: 'OpenAI' }],
  model_name: 'm',
  api_key: 'k',
  path: ['a.txt'],
};

class OutsideCall extends Error {}
const outside = async (): Promise<never> => {
  throw new OutsideCall();
};

/** The code of the error with which a node ends before it calls anything outside. */
async function refusalOf(type: string, fields: Record<string, Json>): Promise<string | undefined> {
  try {
    const context = { step: outside };
    await testComponent(type, { fields, http: outside, files: { 'a.txt': 'text' }, context });
    return undefined;
  } catch (error) {
    return isCausewayError(error) ? error.code : undefined;
  }
}

test.each(runtimeTypes)(
  '%s refuses no value of its own that compiling its flow did not report',
  async (type) => {
    const { fields: all = [], role } = catalogue.find(type) ?? {};
    // A port has no value of its own in the editor, and the request gives an input its value.
    const fieldsOf = all.filter(
      ({ name, type: kind }) => kind !== 'other' && !(role === 'input' && name === 'input_value'),
    );
    const names = new Set(fieldsOf.map(({ name }) => name));
    const base = {
      ...Object.fromEntries(
        fieldsOf.flatMap(({ name, default: own }) => (own === undefined ? [] : [[name, own]])),
      ),
      ...Object.fromEntries(Object.entries(usable).filter(([name]) => names.has(name))),
    } as Record<string, Json>;
    const unreported: string[] = [];
    for (const { name } of fieldsOf) {
      for (const value of oddValues) {
        const fields = { ...base, [name]: value };
        if ((await refusalOf(type, fields)) !== 'FIELD_INVALID') continue;
        const { problems } = compileFlow(drawnFlow({ n: [type, fields] }, []), catalogue);
        if (!problems.some(({ field }) => field !== undefined))
          unreported.push(`${name}: ${JSON.stringify(value)}`);
      }
    }
    expect(unreported).toEqual([]);
  },
);
