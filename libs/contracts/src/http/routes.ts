import * as access from './access-routes.js';
import * as audit from './audit-routes.js';
import * as barred from './people/barred-routes.js';
import * as deletion from './teams/deletion-routes.js';
import * as device from './people/device-routes.js';
import * as key from './people/key-routes.js';
import * as langflow from './langflow-routes.js';
import * as oauth from './people/oauth-routes.js';
import * as owned from './people/owned-routes.js';
import * as page from './people/page-routes.js';
import * as password from './people/password-routes.js';
import * as people from './people/people-routes.js';
import * as scim from './people/scim-routes.js';
import * as platform from './platform-routes.js';
import type { Route } from './route.js';
import * as secrets from './secrets-routes.js';
import * as sharing from './teams/sharing-routes.js';

/** Every route by its name, such as `runFlow`. */
export const routesByName: ReadonlyMap<string, Route> = new Map(
  [
    langflow,
    platform,
    access,
    sharing,
    deletion,
    barred,
    people,
    owned,
    scim,
    password,
    oauth,
    device,
    key,
    page,
    secrets,
    audit,
  ]
    .flatMap((declared) => Object.entries<Route>(declared))
    .map(([name, route]) => [name.replace(/Route$/, ''), route]),
);

/** Every route. The OpenAPI document is made from this list, and a test requests each of them without a key. */
export const routes: readonly Route[] = [...routesByName.values()];
