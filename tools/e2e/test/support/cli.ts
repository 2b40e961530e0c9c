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

/** How a command is run. */
export interface CliOptions {
  /** The folder of the user's settings; without it, and with a key, nothing is kept there. */
  readonly configFolder?: string;
  /** Is told what the command has written to stderr until now. */
  readonly onProgress?: (stderr: string) => void;
}

/** Runs `npx causeway …` as a person does, against a running gateway; without a key when the API has none. */
export function causewayCli(
  { url, key, certFile }: Pick<Api, 'url' | 'key'> & Partial<Pick<Api, 'certFile'>>,
  args: readonly string[],
  { configFolder, onProgress }: CliOptions = {},
): Promise<CommandOutcome> {
  const child = spawn(process.execPath, [join(ROOT, 'tools/cli/bin/causeway.mjs'), ...args], {
    env: {
      PATH: process.env['PATH'] ?? '',
      CAUSEWAY_URL: url,
      ...(key !== undefined && { CAUSEWAY_API_KEY: key }),
      ...(configFolder !== undefined && { XDG_CONFIG_HOME: configFolder }),
      ...(certFile !== undefined && { CAUSEWAY_CA_FILE: certFile }),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    onProgress?.(stderr);
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}
