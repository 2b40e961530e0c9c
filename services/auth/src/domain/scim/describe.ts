import type { JsonObject } from '@causeway/dag';
import { type Attribute, type ResourceDefinition, type Schema, definitions } from './attributes.js';

const SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:';

/** Resources of one answer. */
export const MOST_RESULTS = 200;

/** A list of resources, as SCIM answers. */
export function listAnswer(
  resources: readonly JsonObject[],
  totalResults = resources.length,
  startIndex = 1,
): JsonObject {
  return {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
    totalResults,
    startIndex,
    itemsPerPage: resources.length,
    Resources: [...resources],
  };
}

/** Which parts of SCIM there are. Source: RFC 7643, section 5. */
export function configuration(base: string): JsonObject {
  return {
    schemas: [`${SCHEMA}ServiceProviderConfig`],
    patch: { supported: true },
    bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
    filter: { supported: true, maxResults: MOST_RESULTS },
    changePassword: { supported: false },
    sort: { supported: false },
    etag: { supported: false },
    authenticationSchemes: [
      {
        type: 'oauthbearertoken',
        name: 'SCIM token',
        description: 'A token that belongs to one connection, in the header Authorization.',
        specUri: 'https://www.rfc-editor.org/info/rfc6750',
        primary: true,
      },
    ],
    meta: { resourceType: 'ServiceProviderConfig', location: `${base}/ServiceProviderConfig` },
  };
}

/** Source: RFC 7643, section 6. */
export function resourceTypes(base: string): JsonObject[] {
  return Object.values(definitions).map(
    ({ name, endpoint, description, schema, extensions }: ResourceDefinition) => ({
      schemas: [`${SCHEMA}ResourceType`],
      id: name,
      name,
      endpoint,
      description,
      schema: schema.id,
      schemaExtensions: extensions.map((one) => ({ schema: one.id, required: false })),
      meta: { resourceType: 'ResourceType', location: `${base}/ResourceTypes/${name}` },
    }),
  );
}

/** Source: RFC 7643, section 7. */
export function schemas(base: string): JsonObject[] {
  return Object.values(definitions)
    .flatMap(({ schema, extensions }: ResourceDefinition) => [schema, ...extensions])
    .map(({ id, name, description, attributes }: Schema) => ({
      schemas: [`${SCHEMA}Schema`],
      id,
      name,
      description,
      attributes: attributes.map(attributeOf),
      meta: { resourceType: 'Schema', location: `${base}/Schemas/${id}` },
    }));
}

function attributeOf(attribute: Attribute): JsonObject {
  const { name, type, description, of } = attribute;
  return {
    name,
    type,
    description,
    multiValued: attribute.isMultiValued === true,
    required: attribute.isRequired === true,
    ...(type === 'boolean' || type === 'complex' ? {} : { caseExact: attribute.isCaseExact === true }),
    mutability: attribute.isReadOnly ? 'readOnly' : attribute.isImmutable ? 'immutable' : 'readWrite',
    returned: attribute.isAlwaysShown ? 'always' : 'default',
    uniqueness: attribute.isUnique ? 'server' : 'none',
    ...(type === 'reference' && { referenceTypes: ['external'] }),
    ...(of && { subAttributes: of.map(attributeOf) }),
  };
}
