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

/** One request, once its caller is known. Beyond the HTTP rooms only the caller in it is passed on. */
export interface Call extends Caller {
  readonly route: Route;
  /** The caller's address, as far as trusted proxies tell it. */
  readonly address: string;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly memory: CallMemory;
  /** What it is about, once that is found, for the record of a refusal; otherwise that names the route. */
  object?: AuditEvent['object'];
}

/** For whose data a principal calls: today a key is of one team. */
export function callerFor(principal: Principal): Pick<Caller, 'principal' | 'tenant'> {
  const { organisationId, teamId } = principal;
  return { principal, tenant: { organisationId, teamId } };
}

const calls = new WeakMap<object, Call>();

/** Remembers the call behind a request; the guard's `enter` does, first as an anonymous one. */
export function setCall(request: FastifyRequest, call: Call): void {
  calls.set(request, call);
}

/** The call behind a request that came in by the door. */
export function findCall(request: FastifyRequest): Call | undefined {
  return calls.get(request);
}

/** The call behind a request. Throws for a request that passed no guard: such a route must not exist. */
export function getCall(request: FastifyRequest): Call {
  const call = calls.get(request);
  if (!call) throw new Error('a route without an access guard');
  return call;
}
