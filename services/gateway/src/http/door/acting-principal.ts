import { principalOfShare } from '@causeway/authz';
import { Id } from '@causeway/contracts';
import type { Principal } from '@causeway/contracts';
import type { FastifyRequest } from 'fastify';

/** What was found for a principal, so that the token that says who acts is made once for it. At most one for each flow that is shared with it. */
const made = new WeakMap<Principal, Map<string, Principal>>();

/**
 * The caller as it acts in a request: in the team that owns the flow which the request names by its id, if the flow is another team's and
 * the caller may use it from its own one; else in its own team. Decided with what the gateway knows of the caller, so it costs no request.
 */
export function actingPrincipal(principal: Principal, request: FastifyRequest): Principal {
  const { data: flowId } = Id.safeParse(flowNamed(request));
  return flowId === undefined ? principal : principalForFlow(principal, flowId);
}

/** The caller in the team that owns a flow which it may use from its own team; else as it is. */
export function principalForFlow(principal: Principal, flowId: string): Principal {
  const known = made.get(principal)?.get(flowId);
  if (known) return known;
  const found = principalOfShare(principal, { flowId });
  if (!found) return principal;
  const ofPrincipal = made.get(principal) ?? new Map<string, Principal>();
  made.set(principal, ofPrincipal.set(flowId, found));
  return found;
}

function flowNamed({ params, query }: FastifyRequest): unknown {
  const { flow, flowId = flow } = (params ?? {}) as Readonly<Record<string, unknown>>;
  return flowId ?? (query as Readonly<Record<string, unknown>> | undefined)?.['flow_id'];
}
