import { DEFAULT_ORGANISATION_ID, DEFAULT_TEAM_ID, EXECUTOR_RUNNER, permissions } from '@causeway/contracts';
import type { Principal, RequestContract } from '@causeway/contracts';
import { publicKeyOf, readSigningKey } from '../identity/keys.js';
import { MessageSigner } from '../identity/message-signer.js';

/** Only for tests: whoever reads this can sign with it. */
const SEED = Buffer.alloc(32, 'causeway').toString('base64');
const SERVICES = [
  'gateway',
  'auth',
  'flow-registry',
  'scheduler',
  'executor',
  EXECUTOR_RUNNER,
  'audit',
  'echo',
  'keeper',
  'bookmark',
  'bench',
];

/** Settings with which the services of a test sign their messages, and audit its checkpoints, all with one key. */
export const testKeys: Readonly<Record<string, string>> = {
  CAUSEWAY_SIGNING_KEY: SEED,
  CAUSEWAY_RUNNER_SIGNING_KEY: SEED,
  CAUSEWAY_AUDIT_SIGNING_KEY: SEED,
  CAUSEWAY_TRUSTED_KEYS: SERVICES.map((service) => `${service}=${publicKeyOf(SEED)}`).join(','),
};

/** The caller in whose name a test sends a message: the one that it names, or somebody who may do everything in the team that it names. */
export function testCaller(message: unknown): Principal {
  const fields = (message ?? {}) as Named;
  const { organisationId = DEFAULT_ORGANISATION_ID, teamId = DEFAULT_TEAM_ID } = fields;
  const anybody: Principal = {
    kind: 'user',
    id: 'tester',
    name: 'tester',
    organisationId,
    teamId,
    permissions: [...permissions],
  };
  return fields.principal ?? fields.caller?.principal ?? anybody;
}

interface Named {
  readonly principal?: Principal;
  readonly caller?: { readonly principal: Principal };
  readonly organisationId?: string;
  readonly teamId?: string;
}

/** The value of the header `Causeway-Sender` for a message that a test sends without a bus, in the name of a service that may send it. */
export function testToken(contract: RequestContract, message: unknown): Promise<string> {
  return new MessageSigner(readSigningKey(SEED)).sign(contract.from[0] ?? '', contract, testCaller(message));
}
