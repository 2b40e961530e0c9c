import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '@causeway/stack';
import type { Api } from './api.js';

/** The result of a command. */
export interface CommandOutcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `npx causeway …` as a person does, against a running gateway. */
export function causewayCli(api: Api, args: readonly string[]): Promise<CommandOutcome> {
  const child = spawn(process.execPath, [join(ROOT, 'tools/cli/bin/causeway.mjs'), ...args], {
    env: {
      PATH: process.env['PATH'] ?? '',
      CAUSEWAY_URL: api.url,
      CAUSEWAY_API_KEY: api.key ?? '',
      ...(api.certFile !== undefined && { CAUSEWAY_CA_FILE: api.certFile }),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}
