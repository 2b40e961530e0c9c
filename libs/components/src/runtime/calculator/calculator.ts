import { dataOf } from '../../coerce/value.js';
import type { Value } from '../../specs/values.js';
import { toolsHandle } from '../agent/tool.js';
import { askedOutputs } from '../asked-outputs.js';
import type { ComponentRuntime, Handle } from '../component.js';
import { readText } from '../read-field.js';
import { calculatorTool, evaluate } from './calculator-tool.js';

/** Gives what an expression comes to. Before there was a tool mode it was a tool of its own, wired into agents by an output. */
export const calculator: ComponentRuntime = {
  type: 'CalculatorComponent',
  async run(context) {
    const result = dataOf(evaluate(readText(context, 'expression')));
    return {
      outputs: askedOutputs<Value | Handle>(context, {
        result: () => result,
        api_run_model: () => ({ kind: 'plain', value: [result] }),
        api_build_tool: () => toolsHandle([calculatorTool('calculator')]),
      }),
    };
  },
};
