import { DEFAULT_ORGANISATION_ID, DEFAULT_TEAM_ID } from '@causeway/contracts';
import type { AuditEvent, Caller, Principal, Route } from '@causeway/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { CallMemory } from './memory.js';

/** The principal of public routes, and of any request until its key is verified. */
export const anonymous: Principal = {
  kind: 'anonymous',
  id: 'anonymous',
  name: 'anonymous',
  organisationId: DEFAULT_ORGANISATION_ID,
  teamId: DEFAULT_TEAM_ID,
  permissions: [],
};

/** One request, once its caller is known. Outside the folder `http` only the caller in it is passed on. */
export interface Call extends Caller {
  /** With its grants, for what the request does in other places. */
  readonly principal: Principal;
  readonly route: Route;
  /** The caller's address; behind trusted proxies, the one that they report. */
  readonly address: string;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly memory: CallMemory;
  /** The object of the request, once it is found, for the audit event of a refusal; without it the event names the route. */
  object?: AuditEvent['object'];
}

/** The tenant of a principal: today a key belongs to one team. */
export function callerFor(principal: Principal): Pick<Call, 'principal' | 'tenant'> {
  const { organisationId, teamId } = principal;
  return { principal, tenant: { organisationId, teamId } };
}

/** The key that limits for each key count for; without one, the principal. */
export function keyOf({ principal }: Pick<Caller, 'principal'>): string {
  return principal.keyId ?? principal.id;
}

/** The value of a header; the first one when it was sent several times. */
export function headerOf({ request }: Call, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

const calls = new WeakMap<object, Call>();

/** Sets the call of a request. The guard's `enter` sets it, first with the anonymous caller. */
export function setCall(request: FastifyRequest, call: Call): void {
  calls.set(request, call);
}

/** The call of a request; undefined when the guard's `enter` has not run. */
export function findCall(request: FastifyRequest): Call | undefined {
  return calls.get(request);
}

/** The call of a request. Throws for a request that passed no guard: such a route must not exist. */
export function getCall(request: FastifyRequest): Call {
  const call = calls.get(request);
  if (!call) throw new Error('a route without an access guard');
  return call;
}
