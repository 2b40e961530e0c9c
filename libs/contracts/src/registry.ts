import * as access from './access.js';
import * as audit from './audit.js';
import * as auth from './auth.js';
import type { Contract } from './contract.js';
import * as dataKeys from './data-keys.js';
import * as executor from './executor.js';
import * as flowRegistry from './flow-registry.js';
import * as scheduler from './scheduler.js';

/** Every contract: streams, access lists, the subjects page and the snapshot are made from it. */
export const contracts: readonly Contract[] = [
  auth,
  access,
  dataKeys,
  flowRegistry,
  scheduler,
  executor,
  audit,
]
  .flatMap((owner) => Object.values(owner) as unknown[])
  .filter(isContract);

function isContract(declared: unknown): declared is Contract {
  return typeof declared === 'object' && declared !== null && 'subject' in declared;
}
