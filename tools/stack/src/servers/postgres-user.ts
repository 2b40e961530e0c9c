import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { type Owner, isRoot } from '../places.js';

/** Whom a server runs as. */
export type SystemUser = Owner;

const NAME = 'causeway-postgres';
const NOBODY: SystemUser = { uid: 65_534, gid: 65_534 };

/**
 * Whom Postgres runs as when root starts it, since it refuses to run as root: a system user of its own, made when it is not there, so
 * that no other program shares its files. Undefined for an ordinary user, who runs it as they are.
 *
 * @param say  gets a line where no user can be made, as with a read-only /etc: `nobody` has to do then
 */
export function findPostgresUser(say: (line: string) => void = () => {}): SystemUser | undefined {
  if (!isRoot) return undefined;
  const found = lookUp();
  if (found) return found;
  const made = spawnSync(
    'useradd',
    [
      '--system',
      '--user-group',
      '--no-create-home',
      '--home-dir',
      '/nonexistent',
      '--shell',
      '/usr/sbin/nologin',
      NAME,
    ],
    { encoding: 'utf8' },
  );
  // Another start may have made it at the same time.
  const user = lookUp();
  if (user) return user;
  const why = made.error?.message ?? made.stderr.trim();
  say(`The system user ${NAME} cannot be created (${why}); Postgres runs as the user nobody.`);
  return NOBODY;
}

function lookUp(): SystemUser | undefined {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${NAME}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  return uid === undefined || gid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) };
}
