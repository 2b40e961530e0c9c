import { z } from 'zod';
import type { Permission } from '../tenancy.js';
import { absentNulls } from './nulls.js';

/** How a request's body arrives. `raw`: bytes as they are. `multipart`: files are streamed into the object store. */
export type BodyKind = 'json' | 'multipart' | 'json-or-multipart' | 'raw';

/** A permission that a request needs because of what its body asks for. */
export interface Also<B extends z.ZodType = z.ZodType> {
  readonly permission: Permission;
  /** When, for the OpenAPI document. */
  readonly when: string;
  /** A method, so that every route is a `Route`. */
  isNeeded(body: z.infer<B>): boolean;
}

/** One declared route of the gateway. What is not declared does not exist. */
export interface Route<
  P extends z.ZodType = z.ZodType,
  Q extends z.ZodType = z.ZodType,
  B extends z.ZodType = z.ZodType,
  R extends z.ZodType = z.ZodType,
> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** OpenAPI form: `/api/v1/flows/{flowId}`. Served with and without a slash at the end. */
  readonly path: string;
  readonly summary: string;
  /** What a key needs to come in; of several, every one. `public` asks for no key at all. */
  readonly permission: Permission | readonly [Permission, ...Permission[]] | 'public';
  /** What some of its requests need as well. */
  readonly also?: Also<B>;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  readonly bodyKind: BodyKind;
  /** What gives a JSON body a limit of its own: a flow has that of a flow file; a prompt, which is walked, a small one. */
  readonly bodyHolds?: 'flow' | 'flows' | 'prompt';
  /** @default 200 */
  readonly status: number;
  /** JSON answer; absent when the route answers with bytes, a stream or nothing. */
  readonly reply?: R;
  /** Media type of an answer that is not JSON. */
  readonly produces?: string;
}

/** Declares a route. In a body that is an object, a null counts as absent unless its member takes it. */
export function route<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, R extends z.ZodType>(
  method: Route['method'],
  path: string,
  rest: Omit<Route<P, Q, B, R>, 'method' | 'path' | 'status' | 'bodyKind'> & {
    status?: number;
    bodyKind?: BodyKind;
  },
): Route<P, Q, B, R> {
  const { body } = rest;
  // The wrapped schema reads and gives what the declared one does.
  const wrapped = body instanceof z.ZodObject ? { body: absentNulls(body) as unknown as B } : {};
  return { status: 200, bodyKind: 'json', ...rest, ...wrapped, method, path };
}

/** What a key needs to come in; nothing where the route is public. */
export function permissionsOf({ permission }: Pick<Route, 'permission'>): readonly Permission[] {
  if (permission === 'public') return [];
  return typeof permission === 'string' ? [permission] : permission;
}

type Parsed<T> = T extends z.ZodType ? z.infer<T> : undefined;

/** What a handler of the route gets: its parts, parsed. */
export interface RouteInput<T extends Route> {
  readonly params: Parsed<NonNullable<T['params']>>;
  readonly query: Parsed<NonNullable<T['query']>>;
  readonly body: Parsed<NonNullable<T['body']>>;
}

/** What a handler of the route answers with. */
export type RouteReply<T extends Route> = Parsed<NonNullable<T['reply']>>;
