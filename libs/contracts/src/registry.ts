import * as access from './access.js';
import * as audit from './audit.js';
import * as auth from './keys/auth.js';
import type { Contract } from './contract.js';
import * as dataKeys from './keys/data-keys.js';
import * as keyRotation from './keys/key-rotation.js';
import * as devices from './people/devices.js';
import * as barred from './people/barred.js';
import * as deletions from './teams/deletions.js';
import * as executor from './executor.js';
import * as flowRegistry from './flow-registry.js';
import * as oauth from './people/oauth.js';
import * as owned from './people/owned.js';
import * as passwords from './people/passwords.js';
import * as people from './people/people.js';
import * as scim from './people/scim.js';
import * as scheduler from './scheduler.js';
import * as sharing from './teams/sharing.js';
import * as signIn from './people/sign-in.js';
import * as webhooks from './webhooks.js';

/** Every contract: streams, access lists, the subjects page and the snapshot are made from it. */
export const contracts: readonly Contract[] = [
  auth,
  keyRotation,
  access,
  people,
  owned,
  barred,
  scim,
  signIn,
  passwords,
  oauth,
  devices,
  flowRegistry,
  webhooks,
  sharing,
  deletions,
  dataKeys,
  scheduler,
  executor,
  audit,
]
  .flatMap((owner) => Object.values(owner) as unknown[])
  .filter(isContract);

function isContract(declared: unknown): declared is Contract {
  return typeof declared === 'object' && declared !== null && 'subject' in declared;
}
