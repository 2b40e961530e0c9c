import { type ChildProcess, execFileSync, fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { waitFor } from '@causeway/testing';
import type { ReadyMessage } from '#platform';
import { testKeys } from '#testing';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '../../..');

/** Compiles the programs of these tests in the same way as a service. */
export function buildPrograms(): void {
  const tsc = join(root, 'node_modules/.bin/tsc');
  if (!existsSync(tsc)) throw new Error('tsc is missing: run npm install');
  execFileSync(tsc, ['-p', here], { stdio: 'inherit' });
}

/** A line of a program's log. */
export type Line = Record<string, unknown> & { readonly message?: string };

/** A service in a process of its own. */
export interface Program {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly lines: readonly Line[];
  readonly stderr: () => string;
  /** Settles with the exit code; -1 when a signal ended it. */
  readonly exited: Promise<number>;
  ready(): Promise<ReadyMessage>;
  /** Waits for a line with this event. */
  line(event: string): Promise<Line>;
  /** GET on the internal port. */
  internal(path: string, init?: RequestInit): Promise<{ status: number; text: string }>;
  stop(): Promise<number>;
}

/** Starts `test/<program>.ts` with these settings. @param log  an open file for its log, instead of `lines` */
export function startProgram(program: string, environment: Record<string, string>, log?: number): Program {
  const child = fork(join(here, '../dist/test', `${program}.js`), {
    env: { PATH: process.env['PATH'], ...testKeys, ...environment },
    stdio: ['ignore', log ?? 'pipe', 'pipe', 'ipc'],
    execArgv: [],
  });
  const lines: Line[] = [];
  let stderr = '';
  let rest = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    const texts = `${rest}${chunk}`.split('\n');
    rest = texts.pop() ?? '';
    for (const text of texts) lines.push(JSON.parse(text) as Line);
  });
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  let readyMessage: ReadyMessage | undefined;
  child.on('message', (message: ReadyMessage) => {
    if (message.type === 'causeway.ready') readyMessage = message;
  });
  let code: number | undefined;
  // The event `close` is not used: a child whose channel the test has closed does not emit it.
  const written = child.stdout && new Promise((resolve) => child.stdout?.once('end', resolve));
  const exited = new Promise<number>((resolve) => {
    child.once('exit', (exitCode) => {
      code = exitCode ?? -1;
      void Promise.resolve(written).then(() => resolve(code as number));
    });
  });
  const ready = async (): Promise<ReadyMessage> => {
    await waitFor(() => readyMessage !== undefined || code !== undefined, {
      what: 'the program is ready',
    });
    if (!readyMessage) throw new Error(`exited with ${code}: ${stderr}${JSON.stringify(lines)}`);
    return readyMessage;
  };
  return {
    child,
    pid: child.pid as number,
    lines,
    stderr: () => stderr,
    exited,
    ready,
    line: (event) =>
      waitFor(() => lines.find(({ message }) => message === event), { what: `line “${event}”` }),
    internal: async (path, init) => {
      const { internalPort } = await ready();
      const response = await fetch(`http://127.0.0.1:${internalPort}${path}`, init);
      return { status: response.status, text: await response.text() };
    },
    stop: async () => {
      if (code === undefined) child.kill('SIGTERM');
      return exited;
    },
  };
}
