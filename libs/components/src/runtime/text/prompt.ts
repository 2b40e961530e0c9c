import { CoerceError } from '../../coerce/coerce-error.js';
import { textsOf } from '../../coerce/limits.js';
import { toText } from '../../coerce/to-text.js';
import { dataText, isData, isMessage, messageOf } from '../../coerce/value.js';
import { type PromptTemplate, parsePromptTemplate } from '../../specs/prompt-template.js';
import type { ComponentContext, ComponentRuntime, FieldInput } from '../component.js';
import { fieldInvalid } from '../node-failed.js';
import { readAs, readFlag, readText } from '../read-field.js';

/** Fills the variables of a text; the files of Messages among them are passed on. */
export const prompt: ComponentRuntime = {
  type: 'Prompt',
  async run(context) {
    const template = parsePromptTemplate(
      readText(context, 'template'),
      readFlag(context, 'use_double_brackets'),
    );
    if (template.problems.length > 0) throw fieldInvalid(context, template.problems.join(' '));
    const text = partTexts(context, template.parts).join('');
    const files = Object.values(context.inputs).flatMap((input) =>
      isMessage(input) ? (input.files ?? []) : [],
    );
    return { outputs: { prompt: messageOf(text, files.length > 0 ? { files } : {}) } };
  },
};

function partTexts(context: ComponentContext, parts: PromptTemplate['parts']): readonly string[] {
  try {
    return textsOf(parts, (part) => ('variable' in part ? variableText(context, part.variable) : part.text));
  } catch (error) {
    if (error instanceof CoerceError)
      throw fieldInvalid(context, `the template ${error.message}.`, { cause: error });
    throw error;
  }
}

function variableText(context: ComponentContext, variable: string): string {
  if (!Object.hasOwn(context.inputs, variable)) {
    throw fieldInvalid(
      context,
      `the template uses {${variable}}, but the node has no field ${variable}; add it or give it by a tweak.`,
    );
  }
  return readAs(context, variable, textOrEmpty);
}

function textOrEmpty(input: FieldInput): string {
  return isData(input) ? (dataText(input) ?? '') : toText(input);
}
