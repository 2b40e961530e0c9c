import type { JsonObject } from '@causeway/dag';
import type { Tool } from '../agent/tool.js';
import { ExpressionError, calculate, formatResult } from './calculate.js';

/** The calculator as a tool of that name. */
export function calculatorTool(name: string): Tool {
  return {
    name,
    description: 'Perform basic arithmetic operations on a given expression.',
    parameters: {
      type: 'object',
      properties: {
        expression: {
          title: 'Expression',
          description: "The arithmetic expression to evaluate (e.g., '4*4*(33/22)+12-20').",
          type: 'string',
        },
      },
      required: ['expression'],
    },
    effects: 'none',
    call: ({ expression }) => Promise.resolve(evaluate(typeof expression === 'string' ? expression : '')),
  };
}

/** `{result}`; for an expression without a value `{error, input}`, so that a model can try again. */
export function evaluate(expression: string): JsonObject {
  try {
    return { result: formatResult(calculate(expression)) };
  } catch (error) {
    if (error instanceof ExpressionError) return { error: error.message, input: expression };
    throw error;
  }
}
