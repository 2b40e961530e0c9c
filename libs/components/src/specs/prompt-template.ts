import { maxTemplateLength } from '../coerce/limits.js';

/** A parsed template: literal text and variables, in order. */
export interface PromptTemplate {
  readonly parts: readonly ({ readonly text: string } | { readonly variable: string })[];
  /** Each names what cannot be used and the remedy; empty when the template has no problem. */
  readonly problems: readonly string[];
}

/** Variables of a template, each once, in order of appearance. */
export interface PromptVariables {
  readonly variables: readonly string[];
  readonly problems: readonly string[];
}

/** Names that are fields or members of a prompt node itself. */
const reservedNames: ReadonlySet<string> = new Set([
  'code',
  'input_variables',
  'output_parser',
  'partial_variables',
  'template',
  'template_format',
  'validate_template',
]);

/** How many problems of a template are listed; the others are counted. */
const MOST_PROBLEMS = 9;

/**
 * Finds the variables of a prompt. Takes linear time, and returns a limited number of short problems, each with its
 * position.
 *
 * @param doubleBrackets `{{name}}` marks a variable and single braces are text; otherwise `{name}` does, `{{` and `}}`
 * are single braces
 */
export function promptVariables(template: string, doubleBrackets: boolean): PromptVariables {
  const { parts, problems } = parsePromptTemplate(template, doubleBrackets);
  const names = parts.flatMap((part) => ('variable' in part ? [part.variable] : []));
  return { variables: [...new Set(names)], problems };
}

/** Reads a template of either style; see `promptVariables`. */
export function parsePromptTemplate(template: string, doubleBrackets: boolean): PromptTemplate {
  if (template.length > maxTemplateLength) {
    const problem = `The template has ${template.length} characters; the limit is ${maxTemplateLength}. Give long texts by variables.`;
    return { parts: [], problems: [problem] };
  }
  const reading = new Reading(template);
  if (doubleBrackets) readDoubleBrackets(reading);
  else readSingleBraces(reading);
  return reading.end();
}

/** Collects parts and problems of a template. */
class Reading {
  readonly #parts: ({ text: string } | { variable: string })[] = [];
  readonly #problems: string[] = [];
  #count = 0;
  #end = 0;

  constructor(readonly template: string) {}

  /** Adds the text before a token, and the token itself as this part. */
  take(token: RegExpExecArray, part: { text: string } | { variable: string } | undefined): void {
    if (token.index > this.#end) this.#parts.push({ text: this.template.slice(this.#end, token.index) });
    this.#end = token.index + token[0].length;
    if (part !== undefined) this.#parts.push(part);
  }

  problem(write: () => string): void {
    this.#count += 1;
    if (this.#count <= MOST_PROBLEMS) this.#problems.push(write());
  }

  end(): PromptTemplate {
    if (this.#end < this.template.length) this.#parts.push({ text: this.template.slice(this.#end) });
    const rest = this.#count - this.#problems.length;
    return {
      parts: this.#parts,
      problems: rest === 0 ? this.#problems : [...this.#problems, `There are ${rest} more such places.`],
    };
  }
}

function readSingleBraces(reading: Reading): void {
  for (const token of reading.template.matchAll(/\{\{|\}\}|\{([^{}]*)\}|[{}]/g)) {
    const [sign] = token;
    const name = token[1];
    if (name !== undefined) {
      if (!isVariableName(name)) reading.problem(() => nameProblem(name, '{', '}', token.index));
      reading.take(token, { variable: name });
    } else if (sign.length === 1) {
      reading.problem(
        () =>
          `A single ${sign} at character ${token.index + 1} has no partner; write ${sign}${sign} for a brace.`,
      );
      reading.take(token, undefined);
    } else {
      reading.take(token, { text: sign[0] as string });
    }
  }
}

function readDoubleBrackets(reading: Reading): void {
  for (const token of reading.template.matchAll(/\{\{\{|\{\{([^{}]*)\}\}/g)) {
    const name = token[1]?.trim() ?? '{';
    if (/^[{#/^&>!.=]/.test(name)) {
      reading.problem(
        () =>
          `${shown(token[0])} at character ${token.index + 1} is more than a variable; only {{name}} may be used.`,
      );
    } else if (!isVariableName(name)) {
      reading.problem(() => nameProblem(name, '{{', '}}', token.index));
    }
    reading.take(token, { variable: name });
  }
}

function isVariableName(name: string): boolean {
  return !reservedNames.has(name) && /^[\p{L}_][\p{L}\p{N}_\-'"@$%&*+=<>|~#]*$/u.test(name);
}

function nameProblem(name: string, open: string, close: string, index: number): string {
  const at = `at character ${index + 1}`;
  if (name === '') return `${open}${close} ${at} names no variable; put a name between the braces.`;
  if (reservedNames.has(name)) return `A variable cannot be called ${name}, ${at}; choose another name.`;
  const escape = open === '{' ? '; for braces in the text write {{ and }}' : '';
  return `${open}${shown(name)}${close} ${at} is no variable name: use letters, digits and _, a letter first${escape}.`;
}

function shown(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
