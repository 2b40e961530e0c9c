import { spawn } from 'node:child_process';
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { isRoot, programsFolder } from '../places.js';
import { findBinary, isExecutable } from './find-binary.js';

/** A server program and how to run it. */
export interface FoundProgram {
  readonly command: string;
  /** Variables for its environment: library folders of an unpacked package. */
  readonly env: Readonly<Record<string, string>>;
}

const unpackedFolder = (): string => join(programsFolder(), 'debian');
const LIBRARY_FOLDERS = [
  'usr/lib',
  'lib',
  'usr/lib/x86_64-linux-gnu',
  'lib/x86_64-linux-gnu',
  'usr/lib/aarch64-linux-gnu',
  'lib/aarch64-linux-gnu',
];

/** What apt says while another process, such as a second copy that starts, holds one of its locks. */
const LOCKED = /Could not get lock/;
/** Longer than the installation of these packages takes. */
const LOCKED_MS = 180_000;

/**
 * Finds server programs: on the machine, else from Debian packages of the same names: installed when root, else
 * unpacked, with the libraries the machine lacks, into the private folder.
 *
 * @throws Error that names the packages to install when nothing works
 */
export async function findOrInstall(
  names: readonly string[],
  say: (line: string) => void,
): Promise<Map<string, FoundProgram>> {
  const missing = names.filter((name) => !findProgram(name));
  if (missing.length > 0) {
    say(`Getting ${missing.join(' and ')} from Debian's packages …`);
    const problem = await (isRoot ? install(missing) : unpack(missing)).then(
      () => undefined,
      (error: Error) => error.message,
    );
    const still = missing.filter((name) => !findProgram(name));
    if (still.length > 0) throw new Error(explain(still, problem));
  }
  return new Map(names.map((name) => [name, findProgram(name) as FoundProgram]));
}

function findProgram(name: string): FoundProgram | undefined {
  const own = findBinary(name);
  if (own) return { command: own, env: {} };
  const unpacked = ['usr/sbin', 'usr/bin']
    .map((folder) => join(unpackedFolder(), folder, name))
    .find(isExecutable);
  const libraries = LIBRARY_FOLDERS.map((folder) => join(unpackedFolder(), folder)).join(':');
  return unpacked === undefined ? undefined : { command: unpacked, env: { LD_LIBRARY_PATH: libraries } };
}

async function install(packages: readonly string[]): Promise<void> {
  await run('apt-get', ['update']);
  await run('apt-get', ['install', '-y', '--no-install-recommends', ...packages]);
}

async function unpack(packages: readonly string[]): Promise<void> {
  const unpacked = unpackedFolder();
  const work = `${unpacked}.${process.pid}`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(join(work, 'archives'), { recursive: true });
  try {
    const lists = await listsFor(packages, work);
    const plan = await run('apt-get', [
      ...lists,
      'install',
      '--simulate',
      '--no-install-recommends',
      ...packages,
    ]);
    const needed = [...plan.matchAll(/^Inst (\S+)/gm)].map((match) => match[1] as string);
    await run('apt-get', [...lists, 'download', ...needed], join(work, 'archives'));
    await run('sh', ['-c', `for file in archives/*.deb; do dpkg-deb -x "$file" tree || exit 1; done`], work);
    place(join(work, 'tree'), packages);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Moves the unpacked files to the folder of programs, unless another process was first: its files may be in use. */
function place(tree: string, packages: readonly string[]): void {
  try {
    renameSync(tree, unpackedFolder());
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
    if (packages.every((name) => findProgram(name))) return;
    rmSync(unpackedFolder(), { recursive: true, force: true });
    renameSync(tree, unpackedFolder());
  }
}

/** Options of apt for package lists with these packages: the machine's own, or else private ones that are downloaded now. */
async function listsFor(packages: readonly string[], work: string): Promise<string[]> {
  const known = await run('apt-get', ['install', '--simulate', ...packages]).then(
    () => true,
    () => false,
  );
  if (known) return [];
  const state = join(work, 'state');
  const cache = join(work, 'cache');
  mkdirSync(join(state, 'lists/partial'), { recursive: true });
  mkdirSync(join(cache, 'archives/partial'), { recursive: true });
  const options = [`Dir::State=${state}`, 'Dir::State::status=/var/lib/dpkg/status', `Dir::Cache=${cache}`];
  const args = options.flatMap((option) => ['-o', option]);
  await run('apt-get', [...args, 'update']);
  return args;
}

/** Runs a command; while another process uses the packages of the machine, it waits and runs the command again. */
async function run(command: string, args: readonly string[], cwd = '/'): Promise<string> {
  const untilMs = Date.now() + LOCKED_MS;
  for (;;) {
    try {
      return await runOnce(command, args, cwd);
    } catch (error) {
      if (!(error instanceof Error && LOCKED.test(error.message)) || Date.now() > untilMs) throw error;
      await pause(1_000);
    }
  }
}

function runOnce(command: string, args: readonly string[], cwd: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' };
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.once('error', (error) => reject(new Error(`${command}: ${error.message}`)));
    child.once('close', (code) => {
      if (code === 0) resolve(output);
      else
        reject(new Error(`${command} ${args[0] ?? ''}: ${output.trimEnd().split('\n').slice(-3).join(' ')}`));
    });
  });
}

function explain(names: readonly string[], problem: string | undefined): string {
  const variables = names.map((name) =>
    name === 'nats-server' ? 'CAUSEWAY_NATS_URL' : 'CAUSEWAY_REDIS_URL',
  );
  return (
    `${names.join(' and ')} ${names.length > 1 ? 'are' : 'is'} not found. Install ${names.length > 1 ? 'them' : 'it'} on the PATH ` +
    `(Debian, Ubuntu: apt-get install ${names.join(' ')}), or set ${variables.join(' and ')}` +
    (problem ? `. The packages could not be fetched: ${problem}` : '')
  );
}
