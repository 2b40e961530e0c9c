import { isPermitted, reachOf } from '@causeway/authz';
import { type RequestContract, causewayError } from '@causeway/contracts';
import type { Principal } from '@causeway/contracts';
import type { Sender } from './message-verifier.js';
import { IDENTIFIER } from './sender-claims.js';

type Fields = Readonly<Record<string, unknown>>;

/**
 * Checks what a message says about its caller against who sent it: a caller acts with the contract's permissions, in the own team and in
 * the own name. A service that acts for itself is only bound to the contracts that it may send.
 *
 * @returns the message with the principal of its sender in the place of the one that it names, and with the reach of that principal
 * @throws CausewayError PERMISSION_DENIED, SENDER_REFUSED
 */
export function checkSender(
  contract: RequestContract,
  { service, principal }: Sender,
  message: unknown,
): unknown {
  const { needs, perObject, gatewayActsFor } = contract;
  const isItself = principal.kind === 'system';
  // A request that lost its caller on the way must not become one of the gateway itself, which may do everything.
  if (service === IDENTIFIER && gatewayActsFor === (isItself ? 'caller' : 'itself'))
    throw refused(contract, `the gateway may not send it for ${isItself ? 'itself' : 'a caller'}`);
  if (isItself) return message;
  if (needs?.every((one) => !isPermitted(principal, one, perObject)))
    throw causewayError('PERMISSION_DENIED', { permission: needs.join(' or ') });
  if (!isFields(message)) return message;
  const checked = bound(contract, principal, message);
  return perObject && needs ? { ...checked, reach: reachOf(principal, needs) } : checked;
}

function refused({ subject }: RequestContract, problem: string): Error {
  return causewayError('SENDER_REFUSED', { subject, problem });
}

function bound(contract: RequestContract, principal: Principal, message: Fields): Fields {
  const { principal: named, caller, organisationId, teamId } = message;
  const refuse = (what: string): Error => refused(contract, `it names another ${what}`);
  if (organisationId !== undefined && teamId !== undefined && !isTenantOf(principal, message))
    throw refuse('team');
  if (caller !== undefined && !(isFields(caller) && isTenantOf(principal, caller['tenant'])))
    throw refuse('team');
  if (
    named !== undefined &&
    !(isFields(named) && named['kind'] === principal.kind && named['id'] === principal.id)
  )
    throw refuse('principal');
  return {
    ...message,
    ...(isFields(caller) && { caller: bound(contract, principal, caller) }),
    ...(named !== undefined && { principal }),
  };
}

function isTenantOf({ organisationId, teamId }: Principal, tenant: unknown): boolean {
  return isFields(tenant) && tenant['organisationId'] === organisationId && tenant['teamId'] === teamId;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
