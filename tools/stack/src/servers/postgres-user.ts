import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { type Owner, isRoot } from '../places.js';

/** The user as which a server runs. */
export type SystemUser = Owner;

const NAME = 'causeway-postgres';
const NOBODY: SystemUser = { uid: 65_534, gid: 65_534 };

/**
 * The user as which Postgres runs when root starts it, since it refuses to run as root: a system user of its own, which is created when
 * it does not exist, so that no other program can use its files. Undefined for an ordinary user, who runs Postgres themselves.
 *
 * @param say  is called with a line when the user cannot be created, as with a read-only /etc: then `nobody` is used
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
  // Another start may have created it at the same time.
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
