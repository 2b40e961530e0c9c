// The entry point of every npm script. It uses only built-in modules and old syntax: nothing is installed or built when it starts,
// and the Node that runs it may be 20. It installs, restarts itself under the pinned Node, builds, and starts the program.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const bin = join(root, 'node_modules/.bin');
const pinnedNode = join(root, 'node_modules/node/bin/node');
const stamp = join(root, 'node_modules/.causeway-installed');

const STACK = 'tools/stack/dist/main.js';

/**
 * For each command: the program to start, and the projects to build before (all when none are named). `asBuilt`
 * uses the existing build, so that a running copy can be stopped even when the sources do not compile.
 */
const COMMANDS = {
  start: { program: STACK, projects: runningProjects },
  stop: { program: STACK, projects: () => ['@causeway/stack'], asBuilt: true },
  dev: { program: STACK, projects: runningProjects },
  test: { program: STACK, projects: () => ['@causeway/stack'] },
  verify: { program: STACK, projects: () => ['@causeway/stack'] },
  build: { projects: () => args },
  migrate: { program: STACK, projects: () => ['@causeway/stack'] },
  'check:s3': {
    program: STACK,
    projects: () => ['@causeway/platform', '@causeway/testing', '@causeway/stack'],
  },
  'check:keycloak': { program: STACK },
  'check:scim': { program: STACK, projects: runningProjects },
  simulate: { program: 'libs/dag/dist/simulator/main.js', projects: () => ['@causeway/dag'] },
  bench: { program: 'tools/bench/dist/main.js' },
  gen: { program: 'tools/gen/dist/main.js' },
  'compare-index': {
    program: 'tools/gen/dist/compare-index/main.js',
    projects: () => ['@causeway/gen'],
  },
};

const [name, ...args] = process.argv.slice(2);
const command = Object.hasOwn(COMMANDS, name ?? '') ? COMMANDS[name] : undefined;
if (!command) fail(`unknown command "${name ?? ''}": use one of ${Object.keys(COMMANDS).join(', ')}`);

// `--json` promises that the last line of stdout is the answer, so progress goes to stderr throughout.
const say = (line) => process.stderr.write(line + '\n');

const isBuilt = Boolean(command.asBuilt) && existsSync(pinnedNode) && existsSync(join(root, command.program));
if (!isBuilt) installWhenChanged();
if (process.execPath !== pinnedNode) rerunUnderPinnedNode();
else await buildAndHandOver();

function installWhenChanged() {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  say('Installing packages (the first time takes about a minute) …');
  const npm = process.env.npm_execpath?.endsWith('npm-cli.js')
    ? [process.execPath, process.env.npm_execpath]
    : ['npm'];
  // Not `npm ci`: it refuses a lock file that leaves out other platforms' optional packages.
  const install = [...npm.slice(1), 'install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'];
  const { status, error } = spawnSync(npm[0], install, { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0) fail(`npm install failed${error ? `: ${error.message}` : ''}; its output is above`);
  writeFileSync(stamp, lock);
}

function rerunUnderPinnedNode() {
  if (!existsSync(pinnedNode)) {
    fail(`the pinned Node is missing at ${pinnedNode}: remove node_modules and run the command again`);
  }
  const child = spawn(pinnedNode, [fileURLToPath(import.meta.url), name, ...args], { stdio: 'inherit' });
  // A terminal sends Ctrl-C to the child as well; a signal to this process alone must be passed on.
  // Passing SIGINT on as SIGTERM keeps one Ctrl-C from counting as two.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill('SIGTERM'));
  child.on('error', (error) => fail(`cannot run ${pinnedNode}: ${error.message}`));
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
}

async function buildAndHandOver() {
  process.env.PATH = `${bin}:${process.env.PATH ?? ''}`;
  if (!isBuilt && !(await build(command.projects?.() ?? []))) fail('the build failed; its output is above');
  if (!command.program) return;
  const program = join(root, command.program);
  if (!existsSync(program)) fail(`${command.program} does not exist: "${name}" has no program yet`);
  process.argv = [process.execPath, program, ...(command.program === STACK ? [name] : []), ...args];
  await import(pathToFileURL(program).href);
}

/** The program of `npm start`, and the command line tool. */
function runningProjects() {
  const services = readdirSync(join(root, 'services')).filter((folder) =>
    existsSync(join(root, 'services', folder, 'package.json')),
  );
  return [...services.map((folder) => `@causeway/${folder}`), '@causeway/stack', '@causeway/cli'];
}

/** Builds what changed; prints one line per project that was not up to date, and everything when one fails. */
function build(projects) {
  const nx = join(root, 'node_modules/nx/dist/bin/nx.js');
  const only = projects.length > 0 ? [`--projects=${projects.join(',')}`] : [];
  const env = { ...process.env, NX_DAEMON: 'false', NX_TUI: 'false', FORCE_COLOR: '0' };
  const child = spawn(process.execPath, [nx, 'run-many', '-t', 'build', ...only, '--outputStyle=static'], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let line = '';
  const read = (chunk) => {
    output += chunk;
    const lines = (line + chunk).split('\n');
    line = lines.pop();
    for (const text of lines) {
      const done = /^> nx run (?:@causeway\/)?(\S+?):build\s*$/.exec(text);
      if (done) say(`  build ${done[1]}`);
    }
  };
  child.stdout.setEncoding('utf8').on('data', read);
  child.stderr.setEncoding('utf8').on('data', read);
  return new Promise((resolve) => {
    child.on('close', (code) => {
      if (code !== 0) say(failuresIn(output));
      resolve(code === 0);
    });
  });
}

/** Nx prints the output of every task: only that of failed tasks is shown, or everything when no failed task is named. */
function failuresIn(output) {
  const failed = [...(/Failed tasks:\n([\s\S]*?)\n\n/.exec(output)?.[1] ?? '').matchAll(/^- (\S+)$/gm)].map(
    ([, task]) => task,
  );
  const sections = output.split(/^> nx run /m).slice(1);
  const told = sections.filter((section) => failed.some((task) => section.startsWith(task)));
  return told.length === 0
    ? output
    : told.map((section) => section.split(/\n NX /)[0].trimEnd()).join('\n\n');
}

function fail(message) {
  process.stderr.write(`causeway: ${message}\n`);
  process.exit(1);
}
