import { causewayError } from '@causeway/contracts';
import type { Permission, Principal, Route } from '@causeway/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** One request, once its caller is known. */
export interface Call {
  readonly route: Route;
  readonly principal: Principal;
  readonly requestId: string;
  /** The caller's address, as far as trusted proxies tell it. */
  readonly address: string;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** The tenant part of a call, as questions to services want it. */
export function tenantOf(call: Call): { organisationId: string; teamId: string } {
  return { organisationId: call.principal.organisationId, teamId: call.principal.teamId };
}

/** The acting part of a call, as changes want it. */
export function actorOf(call: Call): { principal: Principal; requestId: string } {
  return { principal: call.principal, requestId: call.requestId };
}

/** @throws CausewayError PERMISSION_DENIED naming the first permission that the principal lacks */
export function checkPermitted(principal: Principal, needed: readonly Permission[]): void {
  const permission = needed.find((one) => !principal.permissions.includes(one));
  if (permission !== undefined) throw causewayError('PERMISSION_DENIED', { permission });
}

const calls = new WeakMap<object, Call>();

/** Remembers the call behind a request; the guard does, once identity and permission are settled. */
export function setCall(request: FastifyRequest, call: Call): void {
  calls.set(request, call);
}

/** The call behind a request. Throws for a request that passed no guard: such a route must not exist. */
export function getCall(request: FastifyRequest): Call {
  const call = calls.get(request);
  if (!call) throw new Error('a route without an access guard');
  return call;
}
