import { causewayError } from '@causeway/contracts';
import { DEFAULT_ORGANISATION_ID, DEFAULT_TEAM_ID } from '@causeway/contracts';
import type { AuditEvent, Permission, Principal, Route } from '@causeway/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Who calls a public route, and who calls until he is known. */
export const anonymous: Principal = {
  kind: 'anonymous',
  id: 'anonymous',
  name: 'anonymous',
  organisationId: DEFAULT_ORGANISATION_ID,
  teamId: DEFAULT_TEAM_ID,
  permissions: [],
};

/** One request, once its caller is known. */
export interface Call {
  readonly route: Route;
  readonly principal: Principal;
  readonly requestId: string;
  /** The caller's address, as far as trusted proxies tell it. */
  readonly address: string;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  /** What it is about, once that is found, for the record of a refusal; otherwise that names the route. */
  object?: AuditEvent['object'];
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

/** The key as Langflow's clients send it: header `x-api-key`, or query `x-api-key`. */
export function presentedKey(request: FastifyRequest): string | undefined {
  const header = request.headers['x-api-key'];
  if (typeof header === 'string' && header !== '') return header;
  const query = (request.query as Record<string, unknown>)['x-api-key'];
  return typeof query === 'string' && query !== '' ? query : undefined;
}

const calls = new WeakMap<object, Call>();

/** Remembers the call behind a request; the guard's `enter` does, first as nobody's. */
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
