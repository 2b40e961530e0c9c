/** A template, read: literal text and the places of variables, in order. */
export interface PromptTemplate {
  readonly parts: readonly ({ readonly text: string } | { readonly variable: string })[];
  /** Each names what cannot be used and the remedy; empty when the template is fine. */
  readonly problems: readonly string[];
}

/** Variables of a template, each once, in order of appearance. */
export interface PromptVariables {
  readonly variables: readonly string[];
  readonly problems: readonly string[];
}

/** Names that a prompt node has fields or members of its own for. */
const reservedNames: ReadonlySet<string> = new Set([
  'code',
  'input_variables',
  'output_parser',
  'partial_variables',
  'template',
  'template_format',
  'validate_template',
]);

/**
 * Names the variables of a prompt.
 *
 * @param doubleBrackets `{{name}}` marks a variable and single braces are text; otherwise `{name}` does, `{{` and `}}` are
 *   single braces
 */
export function promptVariables(template: string, doubleBrackets: boolean): PromptVariables {
  const { parts, problems } = parsePromptTemplate(template, doubleBrackets);
  const names = parts.flatMap((part) => ('variable' in part ? [part.variable] : []));
  return { variables: [...new Set(names)], problems };
}

/** Reads a template of either style; see `promptVariables`. */
export function parsePromptTemplate(template: string, doubleBrackets: boolean): PromptTemplate {
  return doubleBrackets ? parseDoubleBrackets(template) : parseSingleBraces(template);
}

function parseSingleBraces(template: string): PromptTemplate {
  const parts: ({ text: string } | { variable: string })[] = [];
  const problems: string[] = [];
  const token = /\{\{|\}\}|\{([^{}]*)\}|[{}]/g;
  let end = 0;
  for (const match of template.matchAll(token)) {
    if (match.index > end) parts.push({ text: template.slice(end, match.index) });
    end = match.index + match[0].length;
    const name = match[1];
    if (name === undefined && match[0].length === 1) {
      problems.push(
        `A single ${match[0]} at character ${match.index + 1} has no partner; write ${match[0]}${match[0]} for a brace.`,
      );
    } else if (name === undefined) {
      parts.push({ text: match[0][0] as string });
    } else {
      problems.push(...nameProblems(name, '{', '}'));
      parts.push({ variable: name });
    }
  }
  if (end < template.length) parts.push({ text: template.slice(end) });
  return { parts, problems };
}

function parseDoubleBrackets(template: string): PromptTemplate {
  const parts: ({ text: string } | { variable: string })[] = [];
  const problems: string[] = [];
  let end = 0;
  for (const match of template.matchAll(/\{\{\{|\{\{([^{}]*)\}\}/g)) {
    if (match.index > end) parts.push({ text: template.slice(end, match.index) });
    end = match.index + match[0].length;
    const name = match[1]?.trim() ?? '{';
    if (/^[{#/^&>!.=]/.test(name)) {
      problems.push(`${match[0]} is more than a variable; only {{name}} may be used.`);
    } else {
      problems.push(...nameProblems(name, '{{', '}}'));
    }
    parts.push({ variable: name });
  }
  if (end < template.length) parts.push({ text: template.slice(end) });
  return { parts, problems };
}

function nameProblems(name: string, open: string, close: string): readonly string[] {
  if (name === '') return [`${open}${close} names no variable; put a name between the braces.`];
  if (reservedNames.has(name)) return [`A variable cannot be called ${name}; choose another name.`];
  if (/^[\p{L}_][\p{L}\p{N}_\-'"@$%&*+=<>|~#]*$/u.test(name)) return [];
  const shown = name.length > 40 ? `${name.slice(0, 40)}…` : name;
  const escape = open === '{' ? '; for braces in the text write {{ and }}' : '';
  return [`${open}${shown}${close} is no variable name: use letters, digits and _, a letter first${escape}.`];
}
