import { promptVariables } from '@causeway/components/specs';
import { isPlainObject } from '@causeway/dag';
import type { Json, JsonObject } from '@causeway/dag';

/** Most variables of one prompt: each becomes a field of its node, which is many times as long as its name. */
const MOST_VARIABLES = 500;
/** Most problems that are listed; a template of braces alone would have one for each character. */
const MOST_PROBLEMS = 10;

/** A template's variables, and the problems that would keep its node from running with them. */
export function checkedPrompt(
  template: string,
  doubleBrackets: boolean,
): { variables: readonly string[]; problems: readonly string[] } {
  const { variables, problems } = promptVariables(template, doubleBrackets);
  if (problems.length > MOST_PROBLEMS)
    return {
      variables,
      problems: [...problems.slice(0, MOST_PROBLEMS), `There are ${problems.length - MOST_PROBLEMS} more.`],
    };
  const hidden = variables.filter((name) => name.startsWith('_')).slice(0, MOST_PROBLEMS);
  const found = [
    ...problems,
    ...hidden.map(
      (name) =>
        `A variable cannot be called ${name}: names that begin with _ belong to the node itself; choose another name.`,
    ),
  ];
  if (variables.length > MOST_VARIABLES)
    found.push(`It has ${variables.length} variables; the limit is ${MOST_VARIABLES}.`);
  return { variables, problems: found };
}

/**
 * A prompt's node as Langflow's editor saves it: one text field per variable, and their names in `custom_fields`. The field of a
 * variable that the template had before keeps its value; those of removed variables are removed.
 *
 * @param name the field that holds the template; empty for the node's only one, as a new node sends it
 */
export function withPromptFields(node: JsonObject, name: string, variables: readonly string[]): JsonObject {
  const template = objectOf(node['template']);
  const customFields = objectOf(node['custom_fields']);
  const [only, ...others] = Object.keys(customFields);
  const field = name === '' && only !== undefined && others.length === 0 ? only : name;
  const before = customFields[field];
  const gone = new Set(Array.isArray(before) ? before : []);
  for (const variable of variables) gone.delete(variable);
  const kept = Object.entries(template).filter(([key]) => !gone.has(key));
  const fields = variables.map((variable) => [
    variable,
    textField(variable, Object.hasOwn(template, variable) ? template[variable] : undefined),
  ]);
  const written = { ...Object.fromEntries(kept), ...Object.fromEntries(fields) } as JsonObject;
  const listed = written['input_variables'];
  if (isPlainObject(listed))
    written['input_variables'] = { ...(listed as JsonObject), value: [...variables] };
  return { ...node, template: written, custom_fields: { ...customFields, [field]: [...variables] } };
}

/** A variable's field with the keys that Langflow gives it. */
function textField(name: string, before: Json | undefined): JsonObject {
  return {
    type: 'str',
    field_type: 'str',
    name,
    display_name: name,
    value: (isPlainObject(before) ? (before as JsonObject)['value'] : undefined) ?? '',
    required: false,
    placeholder: '',
    list: false,
    show: true,
    multiline: true,
    fileTypes: [],
    file_path: '',
    advanced: false,
    input_types: ['Message'],
    dynamic: false,
    info: '',
    load_from_db: false,
    title_case: false,
  };
}

function objectOf(value: Json | undefined): JsonObject {
  return isPlainObject(value) ? (value as JsonObject) : {};
}
