import type { JsonObject } from '@causeway/dag';
import type { ResourceDefinition } from './attributes.js';

/** What every resource has. */
interface Common {
  readonly id: string;
  readonly externalId: string | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** A resource with all that is said of each one. @param base  the address before `/Users` */
export function wholeResource(
  { name, endpoint, schema, extensions }: ResourceDefinition,
  { id, externalId, createdAt, updatedAt }: Common,
  base: string,
  fields: JsonObject,
): JsonObject {
  const used = extensions.filter((one) => fields[one.id] !== undefined).map((one) => one.id);
  return {
    schemas: [schema.id, ...used],
    id,
    ...(externalId !== null && { externalId }),
    ...fields,
    meta: {
      resourceType: name,
      created: createdAt.toISOString(),
      lastModified: updatedAt.toISOString(),
      location: `${base}${endpoint}/${id}`,
    },
  };
}
