import { CoerceError } from '../../coerce/coerce-error.js';
import { isMessage, messageOf } from '../../coerce/value.js';
import type { MessageValue } from '../../specs/values.js';
import type { ComponentContext, ComponentRuntime } from '../component.js';
import { fieldInvalid } from '../node-failed.js';
import { readFlag, readInput, readMessage, readText, readWhole } from '../read-field.js';
import { compareTexts } from './compare-texts.js';

/** Opens one of two outputs; from visit `max_iterations` on always the default one, which ends a cycle. */
export const conditionalRouter: ComponentRuntime = {
  type: 'ConditionalRouter',
  async run(context) {
    const isLastVisit = context.start.visit >= readWhole(context, 'max_iterations', 10);
    const way = isLastVisit ? readText(context, 'default_route') === 'true_result' : isTrue(context);
    const open = way ? 'true_result' : 'false_result';
    const closed = way ? 'false_result' : 'true_result';
    return { outputs: { [open]: caseMessage(context, way) }, closedOutputs: [closed] };
  },
};

function isTrue(context: ComponentContext): boolean {
  try {
    return compareTexts(
      readText(context, 'input_text'),
      readText(context, 'match_text'),
      readText(context, 'operator'),
      readFlag(context, 'case_sensitive'),
    );
  } catch (error) {
    if (error instanceof CoerceError)
      throw fieldInvalid(context, `the comparison ${error.message}.`, { cause: error });
    throw error;
  }
}

/** The case's own message, else the message of older flows, else the text that was compared. */
function caseMessage(context: ComponentContext, way: boolean): MessageValue {
  for (const field of [way ? 'true_case_message' : 'false_case_message', 'message']) {
    const message = readMessage(context, field);
    if (message.text !== '') return message;
  }
  const input = readInput(context, 'input_text');
  return isMessage(input) ? input : messageOf(readText(context, 'input_text'));
}
