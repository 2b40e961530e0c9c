import 'reflect-metadata';
import { checkPermitted } from '@causeway/authz';
import { causewayError, problemsOf, reservedWords, routes } from '@causeway/contracts';
import type { Route, RouteInput, RouteReply } from '@causeway/contracts';
import { joinShort, shortText } from '@causeway/dag';
import { routeUnknown } from '@causeway/platform';
import { HttpCode, RequestMapping, RequestMethod, SetMetadata, createParamDecorator } from '@nestjs/common';
import type { ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { getCall } from './call.js';
import { browserSession } from './credential.js';
import { checkCsrf } from './session-cookie.js';
import type { Call } from './call.js';
import { KEY_MEMBER } from '../../domain/keys/presented-key.js';
import type { WrittenJson } from '../answer/answer-json.js';
import { servedPath } from './declared-routes.js';
import { asUtf8, decodeText } from '../body/body-text.js';
import type {} from '../body/body-source.js';
import { parseFlowBody } from '../body/flow-body.js';
import { parseJsonText } from '../body/json-text.js';

/** Metadata key of a handler's route. */
export const ROUTE = 'causeway:route';

const reserved = reservedWords(routes);
/** Begins the paths of Causeway's own API. */
const OWN = '/api/platform/';

/** What a method may return: the route's reply, or that reply as JSON text. */
type Answer<T extends Route> = T['reply'] extends z.ZodType ? RouteReply<T> | WrittenJson : unknown;

/**
 * Serves a declared route by a method `(input, call) => answer`. The input is parsed before the method sees it, and an input or
 * answer that does not fit the route does not compile. A route that is not declared cannot be served.
 */
export function Serve<T extends Route>(route: T) {
  return <H extends (input: RouteInput<T>, call: Call) => Answer<T> | Promise<Answer<T>>>(
    target: object,
    key: string | symbol,
    descriptor: TypedPropertyDescriptor<H>,
  ): void => {
    const handle = descriptor.value as H;
    descriptor.value = async function serve(this: unknown, input: RouteInput<T>, call: Call) {
      try {
        return await handle.call(this, input, call);
      } finally {
        call.memory.end();
      }
    } as H;
    RequestMapping({ path: servedPath(route), method: RequestMethod[route.method] })(target, key, descriptor);
    HttpCode(route.status)(target, key, descriptor);
    SetMetadata(ROUTE, route)(target, key, descriptor);
    Input(route)(target, key, 0);
    TheCall()(target, key, 1);
  };
}

/** The parsed input. The request's memory is in use from here until the handler has ended. */
const Input = createParamDecorator(async (route: Route, context: ExecutionContext) => {
  const request = context.switchToHttp().getRequest<FastifyRequest>();
  const { memory } = getCall(request);
  memory.begin();
  try {
    return await readInput(route, request);
  } catch (error) {
    memory.end();
    throw error;
  }
});

async function readInput(route: Route, request: FastifyRequest): Promise<object> {
  checkNoNul(request.params, 'path');
  checkNoNul(request.query, 'query');
  checkKnown(route, request.query as object);
  const input = {
    params: parsePath(route, request),
    query: parsePart(route.query, request.query, 'query'),
    body:
      route.bodyKind === 'form'
        ? parsePart(route.body, readForm(route, request), 'body')
        : route.bodyKind === 'json' || !request.isForm
          ? parsePart(route.body, await readJson(route, request), 'body')
          : undefined,
  };
  if (route.also?.isNeeded(input.body)) checkPermitted(getCall(request), [route.also.permission]);
  return input;
}

const TheCall = createParamDecorator((_data: unknown, context: ExecutionContext) =>
  getCall(context.switchToHttp().getRequest<FastifyRequest>()),
);

/** A path with a reserved word in the place of an id does not exist, whatever other routes there are. */
function parsePath(route: Route, request: FastifyRequest): unknown {
  try {
    return parsePart(route.params, request.params, 'path');
  } catch (error) {
    if (!Object.values(request.params as object).some((value) => reserved.has(value as string))) throw error;
    throw routeUnknown(request.method, request.url.split('?', 1)[0] ?? '');
  }
}

/** Refuses NUL in names and filters, since no text column can hold it. Throws REQUEST_INVALID. */
function checkNoNul(values: unknown, part: string): void {
  for (const [name, value] of Object.entries((values ?? {}) as Record<string, unknown>))
    if (String(value).includes('\0'))
      throw causewayError('REQUEST_INVALID', { problems: `${part}.${name}: it holds a NUL character` });
}

/**
 * Refuses members of the query that a route of Causeway's own API does not have: a filter that is spelled wrong would filter nothing,
 * and nobody would see it. Langflow's routes ignore them, as Langflow does.
 *
 * @throws CausewayError REQUEST_INVALID
 */
function checkKnown({ path, query }: Route, given: object): void {
  if (!path.startsWith(OWN)) return;
  const known = query instanceof z.ZodObject ? Object.keys(query.shape) : [];
  const unknown = Object.keys(given).find((name) => name !== KEY_MEMBER && !known.includes(name));
  if (unknown === undefined) return;
  const names = known.length === 0 ? 'this route has none' : `the names are ${known.join(', ')}`;
  throw causewayError('REQUEST_INVALID', {
    problems: `query: there is no member ${JSON.stringify(shortText(unknown, 100))}; ${names}`,
  });
}

/** Parses one part of a request; the error names every problem with its place. */
export function parsePart(schema: z.ZodType | undefined, value: unknown, part: string): unknown {
  if (!schema) return undefined;
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw causewayError('REQUEST_INVALID', { problems: joinShort(problemsOf(parsed.error, part), '; ') });
}

const WHAT = 'The request body';
const FORM_TYPE = 'application/x-www-form-urlencoded';
/** Fields of a page's form. */
const MOST_FIELDS = 50;

/** The fields of a page's form. With the session of a browser, the form must be from a page of that session. */
function readForm(route: Route, request: FastifyRequest): Record<string, string> {
  const type = request.headers['content-type'];
  if (type?.split(';')[0]?.trim().toLowerCase() !== FORM_TYPE)
    throw causewayError('REQUEST_INVALID', { problems: `headers.content-type: send ${FORM_TYPE}` });
  const fields = [
    ...new URLSearchParams(decodeText((request.body as Buffer | undefined) ?? Buffer.alloc(0), type, WHAT)),
  ];
  const names = new Set(fields.map(([name]) => name));
  if (fields.length > MOST_FIELDS || names.size < fields.length)
    throw causewayError('REQUEST_INVALID', {
      problems: `body: give at most ${MOST_FIELDS} fields, each one once`,
    });
  const token = browserSession(request);
  const form = Object.fromEntries(fields);
  if (token !== undefined && route.permission !== 'public') checkCsrf(token, form['csrf']);
  checkNoNul(form, 'body');
  return form;
}

async function readJson(route: Route, request: FastifyRequest): Promise<unknown> {
  if (!route.body) return undefined;
  if (request.isForm)
    throw causewayError('REQUEST_INVALID', { problems: 'headers.content-type: send application/json' });
  const body = request.body as Buffer | undefined;
  if (body === undefined || body.length === 0) return {};
  // The bytes are not needed any more: a large body is in memory only once.
  request.body = undefined;
  const type = request.headers['content-type'];
  const { bodyHolds: holds } = route;
  try {
    if (holds === 'flow' || holds === 'flows')
      return await parseFlowBody(await asUtf8(body, type, WHAT), holds);
    return await parseJsonText(decodeText(body, type, WHAT), 'body');
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw causewayError('REQUEST_NOT_JSON', { problem: error.message.slice(0, 200) });
  }
}
