import type { Json, Plan } from '@causeway/dag';

/** Fields that a request wrote: by node, then by field, with what the flow itself has there. */
export type RequestFields = ReadonlyMap<string, ReadonlyMap<string, Json>>;

/** The fields in which a plan differs from the flow's own. Plans share what did not change, so a different object means a changed field. */
export function requestFields(own: Plan, changed: Plan): RequestFields {
  const found = new Map<string, ReadonlyMap<string, Json>>();
  for (const node of Object.values(changed.nodes)) {
    const before = own.nodes[node.id];
    if (node === before) continue;
    const written = Object.entries(node.fields).filter(([name, field]) => field !== before?.fields[name]);
    found.set(node.id, new Map(written.map(([name]) => [name, before?.fields[name]?.value ?? null])));
  }
  return found;
}

/** What a request wrote into secret fields. */
export function writtenValues(changed: Plan, written: RequestFields): Json[] {
  return [...written].flatMap(([id, fields]) =>
    [...fields.keys()].flatMap((name) => {
      const field = changed.nodes[id]?.fields[name];
      // The name of a variable is not its value.
      return field?.takesCredentials === true && field.loadFromDb !== true ? [field.value] : [];
    }),
  );
}
