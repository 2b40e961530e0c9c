import { rolePassword } from '../roles.js';
import type { Secrets } from '../home.js';
import { readBusPermissions } from './bus-permissions.js';
import type { NatsLogin } from './nats.js';

/** A NATS login for each service: it may send, receive and hear what the contracts say, and nothing else. */
export function natsLogins(secrets: Secrets): NatsLogin[] {
  return Object.entries(readBusPermissions()).map(([user, allowed]) => ({
    user,
    password: rolePassword(secrets, `nats ${user}`),
    ...allowed,
  }));
}
