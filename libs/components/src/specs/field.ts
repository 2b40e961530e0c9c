import type { FieldSpec, OutputSpec } from '@causeway/dag';

type Rest = Partial<Omit<FieldSpec, 'name' | 'displayName'>>;

/** Text that may also come over an edge. */
export function textField(name: string, displayName: string, rest: Rest = {}): FieldSpec {
  return { name, displayName, type: 'str', inputTypes: ['Message'], default: '', ...rest };
}

/** Text that is set on the node only. */
export function plainField(name: string, displayName: string, rest: Rest = {}): FieldSpec {
  return { name, displayName, type: 'str', default: '', ...rest };
}

/** A boolean. */
export function flagField(name: string, displayName: string, rest: Rest = {}): FieldSpec {
  return { name, displayName, type: 'bool', default: false, ...rest };
}

/** A whole number. */
export function wholeField(name: string, displayName: string, rest: Rest = {}): FieldSpec {
  return { name, displayName, type: 'int', ...rest };
}

/** One of a closed set of texts. */
export function choiceField(
  name: string,
  displayName: string,
  options: readonly string[],
  rest: Rest = {},
): FieldSpec {
  return { name, displayName, type: 'str', options, default: options[0] ?? '', ...rest };
}

/** A port where edges end; it has no value of its own. */
export function portField(
  name: string,
  displayName: string,
  inputTypes: readonly string[],
  rest: Rest = {},
): FieldSpec {
  return { name, displayName, type: 'other', inputTypes, ...rest };
}

/** A secret; its value is the name of a variable unless the flow says otherwise. */
export function secretField(name: string, displayName: string, rest: Rest = {}): FieldSpec {
  return { name, displayName, type: 'str', default: '', password: true, loadFromDb: true, ...rest };
}

/** Rows with named columns. */
export function tableField(name: string, displayName: string, rest: Rest = {}): FieldSpec {
  return { name, displayName, type: 'table', list: true, default: [], ...rest };
}

/** An output whose value is journaled. */
export function valueOutput(
  name: string,
  displayName: string,
  types: readonly string[],
  method: string,
  rest: Partial<OutputSpec> = {},
): OutputSpec {
  return { name, displayName, types, method, kind: 'value', ...rest };
}

/** An output that holds a live object and is rebuilt on resume. */
export function handleOutput(
  name: string,
  displayName: string,
  types: readonly string[],
  method: string,
  rest: Partial<OutputSpec> = {},
): OutputSpec {
  return { name, displayName, types, method, kind: 'handle', ...rest };
}
