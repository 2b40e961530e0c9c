import { createHmac } from 'node:crypto';
import type { Secrets } from './home.js';

/** The database that holds every service's schema. */
export const DATABASE = 'causeway';

/** The password of a service's database role: the same at each start, and different for each role. */
export function rolePassword({ roleSeed }: Secrets, role: string): string {
  return createHmac('sha256', roleSeed).update(role).digest('hex');
}
