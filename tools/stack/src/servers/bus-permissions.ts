import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../places.js';
import type { NatsLogin } from './nats.js';

/** Written by `npm run gen` from the contracts. */
const FILE = join(ROOT, 'libs/contracts/bus-permissions.json');

/** What each service may do on NATS, by its name. */
export function readBusPermissions(): Readonly<Record<string, Pick<NatsLogin, 'publish' | 'subscribe'>>> {
  return JSON.parse(readFileSync(FILE, 'utf8')) as ReturnType<typeof readBusPermissions>;
}
