import { type RequestContract, causewayError } from '@causeway/contracts';
import type { Principal } from '@causeway/contracts';
import type { Sender } from './message-verifier.js';

type Fields = Readonly<Record<string, unknown>>;

/**
 * Checks what a message says about its caller against who sent it: a caller acts with the contract's permissions, in the own team and in
 * the own name. A service that acts for itself is only bound to the contracts that it may send.
 *
 * @returns the message with the principal of its sender in the place of the one that it names
 * @throws CausewayError PERMISSION_DENIED, SENDER_REFUSED
 */
export function checkSender(contract: RequestContract, { principal }: Sender, message: unknown): unknown {
  if (principal.kind === 'system') return message;
  const missing = contract.needs?.every((one) => !principal.permissions.includes(one)) ?? false;
  if (missing) throw causewayError('PERMISSION_DENIED', { permission: String(contract.needs?.[0]) });
  if (!isFields(message)) return message;
  return bound(contract, principal, message);
}

function bound(contract: RequestContract, principal: Principal, message: Fields): Fields {
  const { principal: named, caller, organisationId, teamId } = message;
  const refuse = (what: string): Error =>
    causewayError('SENDER_REFUSED', { subject: contract.subject, problem: `it names another ${what}` });
  if (organisationId !== undefined && teamId !== undefined && !isTenantOf(principal, message))
    throw refuse('team');
  if (isFields(caller)) {
    if (!isFields(caller['tenant']) || !isTenantOf(principal, caller['tenant'])) throw refuse('team');
    return { ...message, caller: bound(contract, principal, caller) };
  }
  if (named === undefined) return message;
  if (!isFields(named) || named['kind'] !== principal.kind || named['id'] !== principal.id)
    throw refuse('principal');
  return { ...message, principal };
}

function isTenantOf(principal: Principal, { organisationId, teamId }: Fields): boolean {
  return organisationId === principal.organisationId && teamId === principal.teamId;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
