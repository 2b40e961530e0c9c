import type { Json, JsonObject } from '@causeway/dag';
import type { FieldInput } from '../runtime/component.js';
import { cleanText } from './text/clean-text.js';
import { CoerceError, describeInput } from './coerce-error.js';
import { checkTextLength } from './limits.js';
import { pythonText } from './text/python-text.js';
import { toMarkdown } from './to-markdown.js';
import { asObject, isData, isHandle, isMessage, isPlain, isTable } from './value.js';

/**
 * A text of any value for people: a list line by line, a Data as fenced JSON, a table as markdown, a Message as its
 * text.
 *
 * @param clean leave out blank rows of tables and blank lines in their cells
 * @throws CoerceError for nothing or a live object, or a text over `maxTextLength`
 */
export function toDisplayText(input: FieldInput, clean: boolean): string {
  if (typeof input === 'string') return cleanText(input);
  if (isMessage(input)) return input.text;
  if (isData(input)) return cleanText(`\`\`\`json\n${indented(input.data)}\n\`\`\``);
  if (isTable(input)) return toMarkdown(input.rows, clean);
  if (isPlain(input)) return toDisplayText(input.value as FieldInput, clean);
  if (Array.isArray(input)) {
    return (input as readonly FieldInput[]).map((item) => toDisplayText(item, clean)).join('\n');
  }
  if (typeof input === 'number' || typeof input === 'boolean') return pythonText(input);
  const object = isHandle(input) ? undefined : asObject(input);
  if (object !== undefined) return cleanText(pythonText(object));
  throw new CoerceError(`needs a Message, Data or Table, but gets ${describeInput(input)}`);
}

/** JSON on several lines. Each line is indented by its depth, so a small but deep value makes a long text. */
function indented(data: JsonObject): string {
  let length = 0;
  const open: { readonly json: Json; readonly depth: number }[] = [{ json: data, depth: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { json, depth } = next;
    length += 2 * depth;
    checkTextLength(length);
    if (typeof json === 'object' && json !== null)
      for (const member of Object.values(json)) open.push({ json: member, depth: depth + 1 });
  }
  return JSON.stringify(data, null, 2);
}
