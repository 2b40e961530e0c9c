import type { ComponentSpec, FieldSpec, OutputSpec } from '../component-spec.js';

/** A component's fields and outputs by name. */
export interface SpecIndex {
  readonly fields: ReadonlyMap<string, FieldSpec>;
  readonly ignored: ReadonlySet<string>;
  readonly outputs: ReadonlyMap<string, OutputSpec>;
  /** Present names of fields, by their names in other versions. */
  readonly renamed: ReadonlyMap<string, string>;
}

const indexes = new WeakMap<ComponentSpec, SpecIndex>();
const empty: SpecIndex = { fields: new Map(), ignored: new Set(), outputs: new Map(), renamed: new Map() };

/** The index of a spec, made once per spec: a flow has many nodes of one type. */
export function indexSpec(spec: ComponentSpec | undefined): SpecIndex {
  if (spec === undefined) return empty;
  const known = indexes.get(spec);
  if (known !== undefined) return known;
  const made: SpecIndex = {
    fields: new Map(spec.fields.map((field) => [field.name, field])),
    ignored: new Set(spec.ignoredFields),
    outputs: new Map(spec.outputs.map((output) => [output.name, output])),
    renamed: new Map(
      spec.fields.flatMap(({ name, formerNames = [] }) => formerNames.map((former) => [former, name])),
    ),
  };
  indexes.set(spec, made);
  return made;
}
