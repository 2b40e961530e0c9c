import type { ComponentSpec } from '@causeway/dag';
import { choiceField, flagField, textField, valueOutput, wholeField } from '../field.js';

/** Compares two texts and opens one of two outputs. */
export const conditionalRouterSpec: ComponentSpec = {
  type: 'ConditionalRouter',
  aliases: ['ConditionalRouterComponent', 'If-Else', 'IfElse'],
  displayName: 'If-Else',
  description: 'Compares two texts and sends a message to one of two outputs.',
  category: 'flow_controls',
  icon: 'split',
  role: 'router',
  effects: 'none',
  fields: [
    textField('input_text', 'Text Input', { required: true }),
    choiceField('operator', 'Operator', [
      'equals',
      'not equals',
      'contains',
      'starts with',
      'ends with',
      'regex',
      'less than',
      'less than or equal',
      'greater than',
      'greater than or equal',
    ]),
    textField('match_text', 'Match Text'),
    flagField('case_sensitive', 'Case Sensitive', { default: true, advanced: true }),
    textField('true_case_message', 'Case True', { advanced: true }),
    textField('false_case_message', 'Case False', { advanced: true }),
    textField('message', 'Message', {
      advanced: true,
      info: 'Sent on by both outputs; used by older flows.',
    }),
    wholeField('max_iterations', 'Max Iterations', { default: 10, advanced: true }),
    choiceField('default_route', 'Default Route', ['true_result', 'false_result'], {
      default: 'false_result',
      advanced: true,
    }),
  ],
  outputs: [
    valueOutput('true_result', 'True', ['Message'], 'true_response'),
    valueOutput('false_result', 'False', ['Message'], 'false_response'),
  ],
};
