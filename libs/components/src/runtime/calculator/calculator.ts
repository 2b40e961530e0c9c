import { dataOf } from '../../coerce/value.js';
import type { Value } from '../../specs/values.js';
import { toolsHandle } from '../agent/tool.js';
import { askedOutputs } from '../asked-outputs.js';
import type { ComponentRuntime, Handle } from '../component.js';
import { readText } from '../read-field.js';
import { calculatorTool, evaluate } from './calculator-tool.js';

/**
 * Computes the value of an expression. Before tool mode existed, one of its outputs was connected to agents as a tool.
 */
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
