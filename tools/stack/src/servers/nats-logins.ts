import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../places.js';
import { rolePassword } from '../roles.js';
import type { Secrets } from '../home.js';
import type { NatsLogin } from './nats.js';

/** Written by `npm run gen` from the contracts. */
const PERMISSIONS = join(ROOT, 'libs/contracts/bus-permissions.json');

/** A NATS login for each service: it may send, receive and hear what the contracts say, and nothing else. */
export function natsLogins(secrets: Secrets): NatsLogin[] {
  const permissions = JSON.parse(readFileSync(PERMISSIONS, 'utf8')) as Record<
    string,
    Pick<NatsLogin, 'publish' | 'subscribe'>
  >;
  return Object.entries(permissions).map(([user, allowed]) => ({
    user,
    password: rolePassword(secrets, `nats ${user}`),
    ...allowed,
  }));
}
