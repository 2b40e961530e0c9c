import type { Json, JsonObject } from '@causeway/dag';
import { z } from 'zod';
import { permissionsOf } from './route.js';
import type { Route } from './route.js';

/** The OpenAPI 3.1 document of the declared routes. */
export function openApiDocument(routes: readonly Route[], version: string): JsonObject {
  const paths: Record<string, JsonObject> = {};
  for (const route of routes) (paths[route.path] ??= {})[route.method.toLowerCase()] = operation(route);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Causeway',
      version,
      description: 'Langflow’s API, and Causeway’s own under /api/platform.',
    },
    paths,
    components: {
      securitySchemes: {
        header: { type: 'apiKey', in: 'header', name: 'x-api-key' },
        query: { type: 'apiKey', in: 'query', name: 'x-api-key' },
      },
    },
  };
}

function operation(route: Route): JsonObject {
  const content: JsonObject = route.reply
    ? { 'application/json': { schema: schemaOf(route.reply, 'output') } }
    : Object.fromEntries(
        (route.produces ?? '')
          .split(', ')
          .filter(Boolean)
          .map((type) => [type, {}]),
      );
  const answer: JsonObject = {
    description: 'The answer.',
    ...(Object.keys(content).length > 0 && { content }),
  };
  return {
    summary: route.summary,
    security: route.permission === 'public' ? [] : [{ header: [] }, { query: [] }],
    'x-permissions': [...permissionsOf(route)],
    ...(route.also && { 'x-permission-also': { permission: route.also.permission, when: route.also.when } }),
    parameters: [...parameters(route.params, 'path'), ...parameters(route.query, 'query')],
    ...requestBody(route),
    responses: { [String(route.status)]: answer, default: { description: 'An error with its code.' } },
  };
}

function parameters(schema: z.ZodType | undefined, place: 'path' | 'query'): JsonObject[] {
  if (!schema) return [];
  const object = schemaOf(schema, 'input') as { properties?: Record<string, Json>; required?: string[] };
  return Object.entries(object.properties ?? {}).map(([name, property]) => ({
    name,
    in: place,
    required: place === 'path' || (object.required?.includes(name) ?? false),
    schema: property,
  }));
}

function requestBody(route: Route): JsonObject {
  if (route.bodyKind === 'raw') return { requestBody: { required: true, content: { '*/*': {} } } };
  const file: JsonObject = {
    'multipart/form-data': {
      schema: {
        type: 'object',
        required: ['file'],
        properties: { file: { type: 'string', format: 'binary' } },
      },
    },
  };
  if (route.bodyKind === 'multipart') return { requestBody: { required: true, content: file } };
  if (!route.body) return {};
  return { requestBody: { content: { 'application/json': { schema: schemaOf(route.body, 'input') } } } };
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): JsonObject {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as JsonObject;
  return rest;
}
