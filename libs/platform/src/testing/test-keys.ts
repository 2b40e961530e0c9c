import { type RequestContract, ownerOf } from '@causeway/contracts';
import { publicKeyOf, readSigningKey } from '../identity/keys.js';
import { MessageSigner } from '../identity/message-signer.js';

/** Only for tests: whoever reads this can sign with it. */
const SEED = Buffer.alloc(32, 'causeway').toString('base64');
const SERVICES = ['gateway', 'auth', 'flow-registry', 'scheduler', 'executor', 'audit', 'echo', 'keeper'];

/** Settings with which the services of a test sign their messages, all with one key. */
export const testKeys: Readonly<Record<string, string>> = {
  CAUSEWAY_SIGNING_KEY: SEED,
  CAUSEWAY_TRUSTED_KEYS: SERVICES.map((service) => `${service}=${publicKeyOf(SEED)}`).join(','),
};

/** The value of the header `Causeway-Sender` for a message that a test sends without a bus, in the name of a service that may send it. */
export function testToken(contract: RequestContract): Promise<string> {
  return new MessageSigner(readSigningKey(SEED)).sign(contract.from[0] ?? '', ownerOf(contract));
}
