import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCauseway } from '../stack/create-causeway.js';

const PROBE = 'scim-sanity==0.7.4';
const CONNECTION = 'scim-check';

/**
 * Runs a SCIM conformance probe, which is a Python package, against a copy of its own: it leaves people behind, who are never deleted here.
 *
 * @returns the exit code
 */
export async function checkScim(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'causeway-scim-'));
  try {
    const probe = installProbe(join(folder, 'python'));
    const say = (line: string): void => void process.stderr.write(`${line}\n`);
    const causeway = await createCauseway({ home: join(folder, 'home'), port: 0, scripted: true, say });
    try {
      const token = await makeToken(causeway.url, causeway.apiKey);
      const args = ['probe', `${causeway.url}/scim/v2`, '--token', token, '--i-accept-side-effects'];
      return spawnSync(probe, args, { stdio: 'inherit' }).status ?? 1;
    } finally {
      await causeway.stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @throws Error saying what is missing */
function installProbe(folder: string): string {
  const run = (command: string, ...args: string[]): void => {
    execFileSync(command, args, { stdio: ['ignore', 2, 2] });
  };
  try {
    run('python3', '-m', 'venv', folder);
    run(join(folder, 'bin/pip'), 'install', '--quiet', PROBE);
  } catch (cause) {
    throw new Error(
      `${PROBE} could not be installed: that needs Python 3 with its module venv, and the Python package index`,
      { cause },
    );
  }
  return join(folder, 'bin/scim-sanity');
}

/** A SCIM token of a connection whose identity provider is the probe. */
async function makeToken(url: string, apiKey: string): Promise<string> {
  const path = `/api/platform/v1/connections/${CONNECTION}`;
  const ask = async (method: string, to: string, body?: object): Promise<{ token?: string }> => {
    const answer = await fetch(url + to, {
      method,
      headers: { 'x-api-key': apiKey, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${to}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as { token?: string };
  };
  await ask('PUT', path, { issuer: 'https://scim-check.invalid', clientId: 'scim-check' });
  return (await ask('POST', `${path}/scim/tokens`)).token ?? '';
}
