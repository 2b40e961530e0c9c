import type { JsonObject } from '@causeway/dag';
import { dataOf } from '../../coerce/value.js';
import type { Value } from '../../specs/values.js';
import { askedOutputs } from '../asked-outputs.js';
import type { ComponentRuntime } from '../component.js';
import { readText } from '../read-field.js';
import { ExpressionError, calculate, formatResult } from './calculate.js';

/** Gives `{result}`; for an expression without a value `{error, input}`, so that a model can try again. */
export const calculator: ComponentRuntime = {
  type: 'CalculatorComponent',
  async run(context) {
    const result = dataOf(resultOf(readText(context, 'expression')));
    return {
      outputs: askedOutputs<Value>(context, {
        result: () => result,
        api_run_model: () => ({ kind: 'plain', value: [result] }),
      }),
    };
  },
};

function resultOf(expression: string): JsonObject {
  try {
    return { result: formatResult(calculate(expression)) };
  } catch (error) {
    if (error instanceof ExpressionError) return { error: error.message, input: expression };
    throw error;
  }
}
