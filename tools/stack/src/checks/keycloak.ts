import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findBinary } from '../servers/find-binary.js';
import { onFreePort } from '../servers/on-free-port.js';
import { type Server, startServer } from '../servers/server.js';
import { runCommand } from './run-command.js';

const VERSION = '26.7.3';
const ARTIFACT = `org.keycloak:keycloak-quarkus-dist:${VERSION}:zip`;
const JAVA = 17;
/** It needs a minute of processor time to start, and a busy machine may give it a third of that. */
const READY_WITHIN_MS = 300_000;
/** What `check:keycloak` exits with where it cannot run; 1 is a failed check. */
const CANNOT_RUN = 2;

/**
 * Signs people in at a real Keycloak, by OpenID Connect and by SAML: at the one that CHECK_KEYCLOAK_URL names (with
 * CHECK_KEYCLOAK_ADMIN and CHECK_KEYCLOAK_PASSWORD), else at one of its own, which Maven gets.
 *
 * @returns the exit code: 2 where there is no Java or Maven
 */
export async function checkKeycloak(): Promise<number> {
  if (process.env['CHECK_KEYCLOAK_URL']) return runKeycloakTests();
  const missing = findMissing();
  if (missing !== undefined) {
    process.stderr.write(`check:keycloak cannot run here: ${missing}\n`);
    return CANNOT_RUN;
  }
  const folder = mkdtempSync(join(tmpdir(), 'causeway-keycloak-'));
  let server: Server | undefined;
  try {
    const password = randomBytes(16).toString('hex');
    server = await startKeycloak(getKeycloak(), folder, password);
    process.env['CHECK_KEYCLOAK_URL'] = server.url;
    process.env['CHECK_KEYCLOAK_ADMIN'] = 'admin';
    process.env['CHECK_KEYCLOAK_PASSWORD'] = password;
    return await runKeycloakTests();
  } finally {
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runKeycloakTests(): Promise<number> {
  const args = ['run', '.keycloak.test.ts', '--reporter=verbose', '--disable-console-intercept'];
  const { ok } = await runCommand('vitest', args, 'live');
  return ok ? 0 : 1;
}

/** What must be installed before. */
function findMissing(): string | undefined {
  const java = spawnSync('java', ['-version'], { encoding: 'utf8' });
  const [, version = '0'] = /version "(\d+)/.exec(java.stderr ?? '') ?? [];
  if (Number(version) < JAVA)
    return `Keycloak needs Java ${JAVA} or newer; on Debian: apt-get install openjdk-17-jre-headless`;
  return isUnpacked() || findBinary('mvn')
    ? undefined
    : 'Keycloak comes by Maven, which is not there; on Debian: apt-get install maven';
}

/** The folder with Keycloak, which is kept for the next time. */
function keptFolder(): string {
  return join(homedir(), '.cache/causeway', `keycloak-${VERSION}`);
}

function isUnpacked(): boolean {
  return existsSync(join(keptFolder(), 'bin/kc.sh'));
}

/** Gets Keycloak and prepares it, if it is not there yet. */
function getKeycloak(): string {
  const kept = keptFolder();
  if (isUnpacked()) return kept;
  process.stderr.write(`Getting Keycloak ${VERSION} (180 MB; the first time takes a minute or two) …\n`);
  const parent = join(kept, '..');
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, 'unpacking-'));
  try {
    const stdio: ['ignore', number, number] = ['ignore', 2, 2];
    const args = ['-q', 'dependency:unpack', `-Dartifact=${ARTIFACT}`, `-DoutputDirectory=${folder}`];
    execFileSync('mvn', args, { stdio, cwd: folder });
    const unpacked = join(folder, `keycloak-${VERSION}`);
    execFileSync('sh', [join(unpacked, 'bin/kc.sh'), 'build', '--db=dev-mem'], { stdio });
    // Whoever was faster has made the same.
    if (!isUnpacked()) renameSync(unpacked, kept);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return kept;
}

async function startKeycloak(home: string, folder: string, password: string): Promise<Server> {
  process.stderr.write(`Starting Keycloak ${VERSION} (a minute or more) …\n`);
  const server = await onFreePort(undefined, (port) =>
    startServer({
      name: 'keycloak',
      url: `http://127.0.0.1:${port}`,
      command: '/bin/sh',
      args: [
        join(home, 'bin/kc.sh'),
        'start',
        '--optimized',
        '--http-enabled=true',
        '--http-host=127.0.0.1',
        `--http-port=${port}`,
        '--hostname-strict=false',
      ],
      cwd: folder,
      env: { KC_BOOTSTRAP_ADMIN_USERNAME: 'admin', KC_BOOTSTRAP_ADMIN_PASSWORD: password },
      logFile: join(folder, 'keycloak.log'),
      stopSignal: 'SIGTERM',
      // It takes longer than other servers, and is waited for below.
      connect: async () => {},
    }),
  );
  const untilMs = Date.now() + READY_WITHIN_MS;
  while (!(await answers(`${server.url}/realms/master`))) {
    if (server.process === undefined || Date.now() > untilMs) {
      await server.stop();
      throw new Error(`Keycloak was not ready within ${READY_WITHIN_MS / 1_000} s`);
    }
    await sleep(500);
  }
  return server;
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(5_000) })).ok;
  } catch {
    return false;
  }
}
