import type { FieldInput } from '../runtime/component.js';
import type { MessageValue } from '../specs/values.js';
import { toText } from './to-text.js';
import { isMessage, messageOf } from './value.js';

/** The message that a message field receives: a Message as it is; any other value with a text is made a Message. */
export function toMessage(input: FieldInput): MessageValue {
  return isMessage(input) ? input : messageOf(toText(input));
}
