import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '../places.js';

export interface CommandResult {
  readonly ok: boolean;
  /** What it printed, to both outputs. */
  readonly output: string;
}

/** Runs a program of node_modules/.bin, or Node itself, at the root of the checkout. */
export function runCommand(
  program: string,
  args: readonly string[],
  show: 'live' | 'kept' = 'kept',
): Promise<CommandResult> {
  const command = program === 'node' ? process.execPath : join(ROOT, 'node_modules/.bin', program);
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: ROOT,
      env: { ...process.env, NX_DAEMON: 'false', NX_TUI: 'false' },
      stdio: ['ignore', show === 'live' ? 'inherit' : 'pipe', show === 'live' ? 'inherit' : 'pipe'],
    });
    let output = '';
    child.stdout?.on('data', (chunk) => (output += chunk));
    child.stderr?.on('data', (chunk) => (output += chunk));
    child.once('error', (error) => resolve({ ok: false, output: error.message }));
    child.once('close', (code) => resolve({ ok: code === 0, output }));
  });
}
