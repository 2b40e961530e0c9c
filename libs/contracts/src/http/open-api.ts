import type { Json, JsonObject } from '@causeway/dag';
import { z } from 'zod';
import { areaNames, areaOf } from './area.js';
import { neededPermissions } from './route.js';
import type { Route } from './route.js';

/** An error of any route. */
const ErrorAnswer = z.object({
  detail: z.string().describe('A sentence that names the thing and the remedy.'),
  code: z.string().describe('Says which error it is; it does not change.'),
  request_id: z.string().describe('Finds the request in the log.'),
  run_id: z.uuid().optional().describe('The run that the error belongs to.'),
});

/** The OpenAPI 3.1 document of the declared routes, by name. */
export function openApiDocument(routes: ReadonlyMap<string, Route>, version: string): JsonObject {
  const paths: Record<string, JsonObject> = {};
  for (const [name, route] of routes)
    (paths[route.path] ??= {})[route.method.toLowerCase()] = { operationId: name, ...operation(route) };
  return {
    openapi: '3.1.0',
    servers: [{ url: '/' }],
    info: {
      title: 'Causeway',
      version,
      description: 'Langflow’s API, and Causeway’s own under /api/platform.',
    },
    tags: areaNames.map((name) => ({ name })),
    paths,
    components: {
      schemas: { Error: schemaOf(ErrorAnswer, 'output') },
      responses: {
        Error: {
          description:
            'An error: JSON under /api/v1 and /api/v2, elsewhere a problem document (RFC 9457) with the same members.',
          content: Object.fromEntries(
            ['application/json', 'application/problem+json'].map((type) => [
              type,
              { schema: { $ref: '#/components/schemas/Error' } },
            ]),
          ),
        },
      },
      securitySchemes: {
        header: { type: 'apiKey', in: 'header', name: 'x-api-key' },
        query: { type: 'apiKey', in: 'query', name: 'x-api-key' },
        token: { type: 'http', scheme: 'bearer' },
        scim: { type: 'http', scheme: 'bearer', description: 'The SCIM token of a connection.' },
      },
    },
  };
}

function operation(route: Route): JsonObject {
  const replies = route.replies ?? { [route.status]: route.reply };
  const answers = Object.entries(replies).map(([status, reply]): [string, JsonObject] => [
    status,
    answer(route, reply),
  ]);
  return {
    summary: route.summary,
    tags: [areaOf(route.path)],
    security: securityOf(route),
    'x-permissions': [...neededPermissions(route)],
    ...(route.perObject && { 'x-permission-per-object': true }),
    ...(route.also && { 'x-permission-also': { permission: route.also.permission, when: route.also.when } }),
    parameters: [
      ...parameters(route.params, 'path'),
      ...parameters(route.query, 'query'),
      ...Object.entries(route.headers ?? {}).map(([name, description]) => ({
        name,
        in: 'header',
        description,
        schema: { type: 'string' },
      })),
    ],
    ...requestBody(route),
    responses: { ...Object.fromEntries(answers), default: { $ref: '#/components/responses/Error' } },
  };
}

function securityOf({ permission }: Route): JsonObject[] {
  if (permission === 'public') return [];
  return permission === 'scim' ? [{ scim: [] }] : [{ header: [] }, { query: [] }, { token: [] }];
}

function answer(route: Route, reply: z.ZodType | undefined): JsonObject {
  const content: JsonObject = reply
    ? { 'application/json': { schema: schemaOf(reply, 'output') } }
    : Object.fromEntries(
        (route.produces ?? '')
          .split(', ')
          .filter(Boolean)
          .map((type) => [type, {}]),
      );
  return { description: 'The answer.', ...(Object.keys(content).length > 0 && { content }) };
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
  if (route.bodyKind === 'form')
    return {
      requestBody: {
        required: true,
        content: { 'application/x-www-form-urlencoded': { schema: schemaOf(route.body, 'input') } },
      },
    };
  return { requestBody: { content: { 'application/json': { schema: schemaOf(route.body, 'input') } } } };
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): JsonObject {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as JsonObject;
  return rest;
}
