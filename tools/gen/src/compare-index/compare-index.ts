import { type ComponentSpec, type Json, isPlainObject } from '@causeway/dag';
import { catalogue } from '@causeway/components/specs';

/** The parts of an index of Langflow's components that the catalogue lacks. */
export interface IndexDifference {
  /** Types that neither the catalogue nor the list of Langflow's types has: edited copies of them would look like new components. */
  readonly unknownTypes: readonly string[];
  /** Types that Langflow has and the catalogue does not. */
  readonly missingTypes: readonly string[];
  readonly fields: readonly Missing[];
  readonly outputs: readonly Missing[];
}

/** The missing parts of a component of the catalogue. */
export interface Missing {
  readonly type: string;
  readonly name: string;
}

/** Entries of a template that the editor keeps there and that are not fields. */
const editorNames: ReadonlySet<string> = new Set(['_type', 'code']);

/**
 * Compares the catalogue with lfx's component index: `{entries: [[category, {type: {template, outputs}}]]}`.
 *
 * @throws Error when the index has another shape
 */
export function compareIndex(index: unknown): IndexDifference {
  const entries = isPlainObject(index) ? index['entries'] : undefined;
  if (!Array.isArray(entries)) throw new Error('This is not a component index: it has no list of entries.');
  const unknownTypes: string[] = [];
  const missingTypes: string[] = [];
  const fields: Missing[] = [];
  const outputs: Missing[] = [];
  for (const [type, component] of entries.flatMap(componentsOf)) {
    if (catalogue.isOfLangflow?.(type) === false && type !== 'CustomComponent') unknownTypes.push(type);
    const spec = catalogue.find(type);
    if (spec === undefined) {
      missingTypes.push(type);
      continue;
    }
    const known = fieldNames(spec);
    for (const name of Object.keys(objectOf(component['template'])))
      if (!known.has(name) && !editorNames.has(name)) fields.push({ type: spec.type, name });
    for (const name of outputNames(component['outputs']))
      if (!spec.outputs.some((output) => output.name === name)) outputs.push({ type: spec.type, name });
  }
  return { unknownTypes, missingTypes, fields, outputs };
}

/** The difference as lines of text. */
export function describeDifference({ unknownTypes, missingTypes, fields, outputs }: IndexDifference): string {
  const sections: [string, readonly string[]][] = [
    ['Fields that specs lack (a new name of an old field, or one for ignoredFields)', fields.map(line)],
    ['Outputs that specs lack', outputs.map(line)],
    ['Types that specs/langflow-types.ts lacks', unknownTypes],
    ['Types that Langflow has and the catalogue does not', missingTypes],
  ];
  return sections
    .map(([title, lines]) => `${title}: ${lines.length}${lines.map((one) => `\n  ${one}`).join('')}`)
    .join('\n');
}

function line({ type, name }: Missing): string {
  return `${type}.${name}`;
}

function componentsOf(entry: unknown): [string, Record<string, Json>][] {
  const [, components] = Array.isArray(entry) ? (entry as unknown[]) : [];
  return Object.entries(objectOf(components)).map(([type, component]) => [type, objectOf(component)]);
}

function fieldNames({ fields, ignoredFields = [] }: ComponentSpec): ReadonlySet<string> {
  return new Set([
    ...fields.flatMap(({ name, formerNames = [] }) => [name, ...formerNames]),
    ...ignoredFields,
  ]);
}

function outputNames(outputs: Json | undefined): readonly string[] {
  const listed = Array.isArray(outputs) ? outputs : [];
  return listed.flatMap((output) => (isPlainObject(output) ? [String(output['name'])] : []));
}

function objectOf(value: unknown): Record<string, Json> {
  return isPlainObject(value) ? (value as Record<string, Json>) : {};
}
