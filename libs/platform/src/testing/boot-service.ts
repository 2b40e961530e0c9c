import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Module } from '@nestjs/common';
import { Bus } from '../messaging/bus/bus.js';
import { testCaller, testKeys } from './test-keys.js';
import { type ReadyMessage, runService } from '../service/run-service.js';

@Module({})
class NothingModule {}

/** A bus in the test's own process. */
export interface TestBus {
  readonly bus: Bus;
  close(): Promise<void>;
}

/** Connects to NATS as any service does. Messages that are too long are passed through the object store of the settings. */
export async function startTestBus(natsUrl: string, more: Record<string, string> = {}): Promise<TestBus> {
  const caller = await runService({
    name: 'tester',
    settings: {},
    module: async () => NothingModule,
    environment: { ...testKeys, CAUSEWAY_NATS_URL: natsUrl, CAUSEWAY_LOG_LEVEL: 'silent', ...more },
    embedded: true,
    callerOf: testCaller,
  });
  return { bus: caller.get(Bus), close: () => caller.drain('test over') };
}

/** A built service in a process of its own, and a bus for requests to it. */
export interface BootedService extends TestBus {
  /** Its log lines. */
  readonly lines: readonly string[];
  /** The address of its public port, when it has one. */
  readonly url: string;
  /** Stops it as an operator would; settles when it has ended. */
  stop(): Promise<void>;
  /** Starts it again. */
  start(more?: Record<string, string>): Promise<void>;
}

/**
 * Starts a built service with these settings and nothing else in its environment.
 *
 * @param main  its `dist/main.js`
 */
export async function bootService(
  main: URL,
  settings: Record<string, string> & { CAUSEWAY_NATS_URL: string },
): Promise<BootedService> {
  const shared = ['CAUSEWAY_OBJECT_STORE'].flatMap((name) =>
    settings[name] === undefined ? [] : [[name, settings[name]]],
  );
  const { bus, close } = await startTestBus(settings.CAUSEWAY_NATS_URL, Object.fromEntries(shared));
  const lines: string[] = [];
  let child: ChildProcess | undefined;
  let url = '';
  const booted: BootedService = {
    bus,
    lines,
    get url() {
      return url;
    },
    start: async (more = {}) => {
      const started = await startProgram(main, { ...settings, ...more }, lines);
      child = started.child;
      url = `http://127.0.0.1:${started.ready.httpPort}`;
    },
    stop: async () => {
      const stopping = child;
      child = undefined;
      if (!stopping || stopping.exitCode !== null) return;
      const ended = new Promise((resolve) => stopping.once('close', resolve));
      stopping.kill('SIGTERM');
      await ended;
    },
    close: async () => {
      await booted.stop();
      await close();
    },
  };
  await booted.start();
  return booted;
}

function startProgram(
  main: URL,
  environment: Record<string, string>,
  lines: string[],
): Promise<{ child: ChildProcess; ready: ReadyMessage }> {
  const child = fork(fileURLToPath(main), {
    env: { PATH: process.env['PATH'], ...testKeys, ...environment },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    execArgv: [],
  });
  let rest = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    const texts = `${rest}${chunk}`.split('\n');
    rest = texts.pop() ?? '';
    lines.push(...texts);
  });
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => lines.push(chunk));
  return new Promise((resolve, reject) => {
    child.once('message', (ready: ReadyMessage) => resolve({ child, ready }));
    child.once('exit', (code) =>
      reject(new Error(`the service ended with code ${code}:\n${lines.join('\n')}`)),
    );
  });
}
