import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { compileFlow } from './compile-flow.js';
import { compilerName } from './compiler-name.js';
import { canonicalJson } from '../json.js';
import { testCatalogue } from '../testing/test-catalogue.js';
import { testFlow } from '../testing/test-flow.js';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** A chat, an agent with a tool, a loop, a router's cycle, and a flow with every kind of error. */
const flows = [
  testFlow({ in: 'ChatInput', p: 'Prompt', m: 'LanguageModelComponent', out: 'ChatOutput' }, [
    'in.message > p.question; p.prompt > m.input_value; m.text_output > out.input_value',
  ]),
  testFlow({ in: 'ChatInput', l: 'LoopComponent', a: 'Step', b: 'Step', out: 'ChatOutput' }, [
    'in.message > l.data; l.item > a.a; a.text > b.a; b.text > l.item; l.done > out.input_value',
  ]),
  testFlow(
    {
      in: 'ChatInput',
      r: { type: 'ConditionalRouter', values: { default_route: 'false_result' } },
      a: 'Step',
      out: 'ChatOutput',
    },
    [
      'in.message > r.input_text; r.false_result > a.a; a.text > r.input_text; r.true_result > out.input_value',
    ],
  ),
  testFlow({ in: 'ChatInput', a: 'Step', b: 'Step', x: 'Nobody', out: 'ChatOutput' }, [
    'in.message > a.a; a.text > b.a; b.text > a.b; b.text > out.input_value',
  ]),
];

test('a changed plan needs a changed compiler name: raise COMPILER, then change this line', () => {
  const made = flows.map((flow) => compileFlow(flow, testCatalogue));
  const [compiler] = compilerName([], sha256).split('-');
  expect(`${compiler} ${sha256(canonicalJson(made as never)).slice(0, 16)}`).toBe('2.13 b9e843a601ec0908');
});

test('another catalogue is another compiler', () => {
  const spec = testCatalogue.find('Step');
  if (!spec) throw new Error('the test catalogue has no Step');
  expect(compilerName([spec], sha256)).toBe(compilerName([structuredClone(spec)], sha256));
  expect(compilerName([{ ...spec, displayName: 'x' }], sha256)).not.toBe(compilerName([spec], sha256));
});
