import { z } from 'zod';
import type { Permission } from '../tenancy.js';
import { absentNulls } from './nulls.js';

/**
 * How a request's body arrives. `raw`: bytes as they are. `multipart`: files are streamed into the object store. `form`: the fields of a
 * page's form (application/x-www-form-urlencoded).
 */
export type BodyKind = 'json' | 'multipart' | 'json-or-multipart' | 'raw' | 'form';

/** A permission that a request needs because of the content of its body. */
export interface Also<B extends z.ZodType = z.ZodType> {
  readonly permission: Permission;
  /** The condition, for the OpenAPI document. */
  readonly when: string;
  /** A method, not a property, so that every route is a `Route`. */
  isNeeded(body: z.infer<B>): boolean;
}

/**
 * The request names the place where the caller must have a permission, such as another team, and the service that owns the object
 * decides. The gateway only refuses callers who have the permission nowhere. `any`: whoever has a key.
 */
export interface InPlace {
  readonly inPlace: Permission | 'any';
}

/** One declared route of the gateway. A route that is not declared does not exist. */
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
  /**
   * Permissions that the caller must have in the team of the key, every one of them. `public` needs no key. `scim` needs the SCIM token of a
   * connection, and takes no key.
   */
  readonly permission: Permission | readonly [Permission, ...Permission[]] | InPlace | 'public' | 'scim';
  /**
   * Whether callers may use it who have these permissions only for single projects or flows. The object, or each one in a list, is decided
   * about once it is known. @default false
   */
  readonly perObject?: boolean;
  /** Permissions that only some of its requests need. */
  readonly also?: Also<B>;
  readonly params?: P;
  readonly query?: Q;
  /** Headers that change what it does, with a sentence each; for the OpenAPI document. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: B;
  readonly bodyKind: BodyKind;
  /** Why a JSON body has a limit of its own: a flow has that of a flow file; a prompt, which is parsed, a small one. */
  readonly bodyHolds?: 'flow' | 'flows' | 'prompt';
  /** @default 200 */
  readonly status: number;
  /** JSON answer; absent when the route answers with bytes, a stream or nothing. */
  readonly reply?: R;
  /** The JSON answers by status, where there are several; for the OpenAPI document. */
  readonly replies?: Readonly<Record<number, z.ZodType>>;
  /** It is a page for people: an error is a page too, and who is not signed in is sent to where they can do it. @default false */
  readonly isPage?: boolean;
  /** Media type of an answer that is not JSON. */
  readonly produces?: string;
}

/** Declares a route. In a body that is an object, a null counts as absent unless its member accepts it. */
export function route<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, R extends z.ZodType>(
  method: Route['method'],
  path: string,
  rest: Omit<Route<P, Q, B, R>, 'method' | 'path' | 'status' | 'bodyKind'> & {
    status?: number;
    bodyKind?: BodyKind;
  },
): Route<P, Q, B, R> {
  const { body } = rest;
  // The wrapped schema has the same input and output as the declared one.
  const isWrapped = body instanceof z.ZodObject || body instanceof z.ZodDiscriminatedUnion;
  const wrapped = isWrapped ? { body: absentNulls(body) as unknown as B } : {};
  return { status: 200, bodyKind: 'json', ...rest, ...wrapped, method, path };
}

/** Permissions that the caller must have in the team of the key; none for a route that is public or for SCIM, and where a service decides. */
export function permissionsOf({ permission }: Pick<Route, 'permission'>): readonly Permission[] {
  if (permission === 'public' || permission === 'scim' || isInPlace(permission)) return [];
  return typeof permission === 'string' ? [permission] : permission;
}

/** Permissions that the caller must have, in the team of the key or in the place that the request names. */
export function neededPermissions({ permission }: Pick<Route, 'permission'>): readonly Permission[] {
  if (!isInPlace(permission)) return permissionsOf({ permission });
  return permission.inPlace === 'any' ? [] : [permission.inPlace];
}

function isInPlace(permission: Route['permission']): permission is InPlace {
  return typeof permission === 'object' && 'inPlace' in permission;
}

type Parsed<T> = T extends z.ZodType ? z.infer<T> : undefined;

/** What a handler of the route receives: the parsed parts of the request. */
export interface RouteInput<T extends Route> {
  readonly params: Parsed<NonNullable<T['params']>>;
  readonly query: Parsed<NonNullable<T['query']>>;
  readonly body: Parsed<NonNullable<T['body']>>;
}

/** What a handler of the route returns. */
export type RouteReply<T extends Route> = Parsed<NonNullable<T['reply']>>;
