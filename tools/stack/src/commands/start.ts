import { fork } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chosenHomeFolder, commandHere, openHome, resetHome } from '../home.js';
import { AlreadyRunningError, claimHome, clearRunning, readRunning } from '../running.js';
import { DATABASE } from '../roles.js';
import { markLogEnd } from '../servers/log-end.js';
import { dropDatabase } from '../servers/drop-database.js';
import { type Causeway, createCauseway } from '../stack/create-causeway.js';
import { findUnhealthy } from '../stack/find-unhealthy.js';
import { runSample } from '../stack/sample.js';
import { type Demo, startDemo } from '../demo/start-demo.js';
import { loadEnvironmentFile } from '../environment-file.js';
import { parseSwitches } from './parse-options.js';
import { type Report, describeModel, describePlaces, jsonOf, pageOf, placesOfRunning } from './report.js';
import { runUntilStopped } from './run-until-stopped.js';

/** Message of a detached copy to the command that waits for it. */
type Message = { readonly say: string } | { readonly ready: Report } | { readonly failed: string };

/** Switches that change what is started. */
type Wish = { readonly https?: boolean; readonly 'demo-org'?: boolean };

/** The platform, with its demo organisation where it was wished. */
type Started = Causeway & { readonly demo?: Demo };

/** Prints progress to stderr, because stdout has only the result. */
const say = (line: string): void => void process.stderr.write(`${line}\n`);

const HELP = `npm start -- [options]

  --detach    run in the background; npm stop stops it
  --json      print address, key, folder, processes and what the sample flow said as one line of JSON, the last on stdout
  --https     speak HTTPS with a certificate of its own, which is made and renewed in the private folder
  --demo-org  bring up a foreign OpenID provider with six people, two teams with flows, and roles by group, to try signing in
  --reset     first delete all data and keys; the copy must be stopped
  --help      show this text

Settings, in the environment or in .env: CAUSEWAY_HOME (the private folder), CAUSEWAY_HTTP_PORT and CAUSEWAY_HTTP_HOST,
CAUSEWAY_DEFAULT_MODEL, OPENAI_API_KEY, ANTHROPIC_API_KEY, GOOGLE_API_KEY; tools/stack/README.md has all.
`;

/**
 * `npm start -- [--detach] [--https] [--json] [--demo-org] [--reset] [--help]`. In the foreground it runs until it is asked to stop.
 *
 * @returns the exit code
 */
export async function start(args: readonly string[]): Promise<number> {
  const wish = parseSwitches('npm start', args, ['detach', 'https', 'json', 'demo-org', 'reset', 'help']);
  if (wish.help) {
    process.stdout.write(HELP);
    return 0;
  }
  loadEnvironmentFile();
  const home = chosenHomeFolder();
  const print = (report: Report): void => {
    // With stdout read by a program, this on stderr keeps a person from mistaking a scripted answer for a model's.
    if (wish.json) say(describeModel(report));
    process.stdout.write(wish.json ? jsonOf(report) : pageOf(report, wish.detach));
  };
  try {
    if (wish.reset) await reset(home);
    if (wish.detach) {
      const running = readRunning(openHome(home));
      if (running?.url !== undefined) throw new AlreadyRunningError(home, running);
      print(await startDetached(home, wish));
      return 0;
    }
    const begin = beginning(home, say, wish);
    return await runUntilStopped(begin, async (causeway) => print(await reportOf(causeway)), say);
  } catch (error) {
    if (!(error instanceof AlreadyRunningError)) throw error;
    say(error.message);
    if (error.running.url === undefined) return 1;
    const problem = await findUnhealthy(error.running.url, undefined, error.running.certFile);
    if (problem !== undefined) {
      say(
        `But it does not work: ${problem}. Its log is ${join(home, 'logs', 'stack.log')}. To restart it: ${commandHere('npm stop -- --now')}, then ${commandHere('npm start')}.`,
      );
      return 1;
    }
    const places = placesOfRunning(home, error.running);
    process.stdout.write(wish.json ? `${JSON.stringify(places)}\n` : describePlaces(places));
    return 0;
  }
}

/** The detached copy itself, forked by `start`; its output is a log file. */
export async function supervise(args: readonly string[]): Promise<number> {
  const tell = (message: Message, sent?: () => void): void =>
    void (process.connected ? process.send?.(message, undefined, undefined, sent) : sent?.());
  const sayBoth = (line: string): void => {
    say(line);
    tell({ say: line });
  };
  const home = chosenHomeFolder();
  const begin = beginning(home, sayBoth, parseSwitches('supervise', args, ['https', 'demo-org']));
  try {
    return await runUntilStopped(
      begin,
      async (causeway) => tell({ ready: await reportOf(causeway) }),
      sayBoth,
    );
  } catch (error) {
    const failed = error instanceof Error ? error.message : String(error);
    await new Promise<void>((sent) => tell({ failed }, sent));
    throw error;
  }
}

/** Starts everything, the demo organisation too where it is wished. */
function beginning(home: string, say: (line: string) => void, { https = false, 'demo-org': isDemo }: Wish) {
  return async (signal: AbortSignal): Promise<Started> => {
    const causeway = await createCauseway({ home, say, signal, https });
    if (!isDemo) return causeway;
    try {
      const { demo, close } = await startDemo(
        causeway.url,
        causeway.apiKey,
        openHome(home),
        causeway.certFile,
      );
      const ending = (how: 'stop' | 'kill') => async (): Promise<void> => {
        await close();
        await causeway[how]();
      };
      return { ...causeway, demo, stop: ending('stop'), kill: ending('kill') };
    } catch (error) {
      await causeway.stop();
      throw error;
    }
  };
}

async function startDetached(home: string, { https, 'demo-org': isDemo }: Wish): Promise<Report> {
  const logs = join(home, 'logs');
  mkdirSync(logs, { recursive: true });
  const logFile = join(logs, 'stack.log');
  const lastLines = markLogEnd(logFile);
  const log = openSync(logFile, 'a', 0o600);
  const main = fileURLToPath(new URL('../main.js', import.meta.url));
  const child = fork(main, ['supervise', ...(https ? ['--https'] : []), ...(isDemo ? ['--demo-org'] : [])], {
    detached: true,
    stdio: ['ignore', log, log, 'ipc'],
  });
  closeSync(log);
  const interrupt = (): void => void child.kill('SIGTERM');
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt);
  return new Promise((resolve, reject) => {
    child.on('message', (message: Message) => {
      if ('say' in message) return say(message.say);
      if ('failed' in message) return reject(new Error(message.failed));
      child.disconnect();
      child.unref();
      resolve(message.ready);
    });
    child.once('exit', () =>
      reject(new Error(`the start failed; ${logFile} ends with:\n${lastLines().join('\n')}`)),
    );
  });
}

async function reportOf(causeway: Started): Promise<Report> {
  const { url, apiKey, home, certFile, demo } = causeway;
  const { isScripted } = causeway;
  const sample = await runSample(url, apiKey, certFile);
  // The scripted model never refuses, so a failure means that the platform does not work.
  if (isScripted && sample.problem !== undefined)
    throw new Error(`run of the sample flow: ${sample.problem}`);
  const internalUrls = Object.fromEntries(
    [...causeway.services.values()].map((service) => [service.name, service.internalUrl]),
  );
  return {
    url,
    apiKey,
    home,
    certFile,
    pids: causeway.pids(),
    internalUrls,
    isScripted,
    sample,
    ...(demo && { demo }),
  };
}

async function reset(folder: string): Promise<void> {
  const home = openHome(folder);
  await claimHome(home).catch((error: unknown) => {
    if (!(error instanceof AlreadyRunningError)) throw error;
    throw new Error(`${error.message}, so nothing was reset: stop it first with ${commandHere('npm stop')}`, {
      cause: error,
    });
  });
  try {
    const { CAUSEWAY_POSTGRES_URL: url } = process.env;
    if (url) await dropDatabase(url, DATABASE);
    resetHome(folder);
    say('All data and the old API keys are deleted; a new key is created.');
  } finally {
    clearRunning(home);
  }
}
