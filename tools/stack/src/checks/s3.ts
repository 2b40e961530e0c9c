import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { findBinary, isExecutable } from '../servers/find-binary.js';
import { onFreePort } from '../servers/on-free-port.js';
import { type Server, startServer } from '../servers/server.js';
import { runCommand } from './run-command.js';

const MODULE = 'github.com/versity/versitygw/cmd/versitygw@v1.8.0';
const BUCKET = 'causeway-check';

/**
 * Runs the tests of the object store against a real S3-compatible server: the one that CHECK_S3_ENDPOINT names (with CHECK_S3_BUCKET,
 * CHECK_S3_ACCESS_KEY and CHECK_S3_SECRET_KEY), else a Versity Gateway of its own.
 *
 * @returns the exit code
 */
export async function checkS3(): Promise<number> {
  if (process.env['CHECK_S3_ENDPOINT']) return runS3Tests();
  const folder = mkdtempSync(join(tmpdir(), 'causeway-s3-'));
  let server: Server | undefined;
  try {
    mkdirSync(join(folder, 'data', BUCKET), { recursive: true });
    const credentials = { access: randomBytes(10).toString('hex'), secret: randomBytes(20).toString('hex') };
    server = await startGateway(findGateway(), folder, credentials);
    process.env['CHECK_S3_ENDPOINT'] = server.url;
    process.env['CHECK_S3_BUCKET'] = BUCKET;
    process.env['CHECK_S3_ACCESS_KEY'] = credentials.access;
    process.env['CHECK_S3_SECRET_KEY'] = credentials.secret;
    return await runS3Tests();
  } finally {
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runS3Tests(): Promise<number> {
  const { ok } = await runCommand('vitest', ['run', '--reporter=verbose', '.s3.test.ts'], 'live');
  return ok ? 0 : 1;
}

/** @throws Error saying how to get it */
function findGateway(): string {
  const installed = join(homedir(), 'go/bin/versitygw');
  const found = findBinary('versitygw') ?? (isExecutable(installed) ? installed : undefined);
  if (found) return found;
  const go = findBinary('go');
  if (!go)
    throw new Error(
      `there is no S3 server to test with: set CHECK_S3_ENDPOINT, or install Go, which is needed for: go install ${MODULE}`,
    );
  process.stderr.write('Building the Versity Gateway (the first time takes a minute or two) …\n');
  execFileSync(go, ['install', MODULE], { stdio: ['ignore', 2, 2] });
  if (!isExecutable(installed))
    throw new Error(`go install did not create ${installed}; put versitygw on the PATH`);
  return installed;
}

function startGateway(
  command: string,
  folder: string,
  { access, secret }: { access: string; secret: string },
): Promise<Server> {
  return onFreePort(undefined, (port) =>
    startServer({
      name: 'versitygw',
      url: `http://127.0.0.1:${port}`,
      command,
      args: ['--quiet', '--port', `127.0.0.1:${port}`, 'posix', join(folder, 'data')],
      cwd: folder,
      env: { ROOT_ACCESS_KEY: access, ROOT_SECRET_KEY: secret },
      logFile: join(folder, 'gateway.log'),
      stopSignal: 'SIGTERM',
      connect: () => tryConnect(port),
    }),
  );
}

function tryConnect(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve();
    });
    socket.once('error', reject);
  });
}
