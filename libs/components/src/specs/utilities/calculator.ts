import type { ComponentSpec } from '@causeway/dag';
import { handleOutput, textField, valueOutput } from '../field.js';

/** Arithmetic on a text. */
export const calculatorSpec: ComponentSpec = {
  type: 'CalculatorComponent',
  aliases: ['Calculator', 'CalculatorTool', 'CalculatorToolComponent'],
  displayName: 'Calculator',
  description: 'Perform basic arithmetic operations on a given expression.',
  category: 'utilities',
  icon: 'calculator',
  role: 'plain',
  effects: 'none',
  fields: [
    textField('expression', 'Expression', {
      toolMode: true,
      info: "The arithmetic expression to evaluate (e.g., '4*4*(33/22)+12-20').",
    }),
  ],
  outputs: [
    valueOutput('result', 'JSON', ['Data', 'JSON'], 'evaluate_expression'),
    valueOutput('api_run_model', 'Data', ['Data', 'JSON'], 'run_model', { toolMode: false }),
    handleOutput('api_build_tool', 'Tool', ['Tool'], 'build_tool', { toolMode: false }),
  ],
};
