import { isPlainObject } from '@causeway/dag';
import type { WireJson } from '../providers/wire.js';

/** The end of an answer that is a refusal, as OpenAI names it for the filters of others. */
const FILTERED = 'content_filter';

/**
 * Reads the answers of one call. A model that refuses writes why in a member of its own, `refusal`, which LangChain does not read, and
 * ends with `stop`: the answer would be empty and look complete. Here the refusal is the text, and the end is that of a content filter.
 * Source: https://platform.openai.com/docs/guides/structured-outputs
 *
 * @returns a function for the whole answer, or for each event of its stream in turn
 */
export function refusalReader(): (answer: WireJson) => WireJson {
  let refused = false;
  return (answer) => {
    const { choices } = answer;
    const [first, ...others] = Array.isArray(choices) ? (choices as unknown[]) : [];
    if (!isPlainObject(first)) return answer;
    const member = isPlainObject(first['delta']) ? 'delta' : 'message';
    const message = first[member];
    const refusal = isPlainObject(message) ? message['refusal'] : undefined;
    const isText = typeof refusal === 'string' && refusal !== '';
    refused ||= isText;
    if (!refused) return answer;
    const content = isText && isPlainObject(message) ? { [member]: { ...message, content: refusal } } : {};
    const end = typeof first['finish_reason'] === 'string' ? { finish_reason: FILTERED } : {};
    return { ...answer, choices: [{ ...first, ...content, ...end }, ...others] };
  };
}
