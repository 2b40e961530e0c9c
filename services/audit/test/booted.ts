import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Bus, type RunningService, runService } from '@causeway/platform';
import { isCausewayError } from '@causeway/dag';
import { waitFor } from '@causeway/testing';
import { Module } from '@nestjs/common';

@Module({})
class NothingModule {}

/** The built service in a process of its own, and a bus to ask it with. */
export interface Booted {
  readonly bus: Bus;
  /** What it has logged, one line each. */
  readonly lines: readonly string[];
  /** Stops it as an operator would, and starts it again; both settle when done. */
  stop(): Promise<void>;
  start(more?: Record<string, string>): Promise<void>;
  /** Ends the bus as well. */
  close(): Promise<void>;
}

/**
 * Starts this package's service with these settings.
 *
 * @param ask  any question to it: NATS learns of a service's subscriptions a moment after the service is ready
 */
export async function boot(
  settings: Record<string, string> & { CAUSEWAY_NATS_URL: string },
  ask: (bus: Bus) => Promise<unknown>,
): Promise<Booted> {
  const caller: RunningService<Record<never, never>> = await runService({
    name: 'tester',
    settings: {},
    module: async () => NothingModule,
    environment: { CAUSEWAY_NATS_URL: settings.CAUSEWAY_NATS_URL, CAUSEWAY_LOG_LEVEL: 'silent' },
    embedded: true,
  });
  const lines: string[] = [];
  let child: ChildProcess | undefined;
  const booted: Booted = {
    bus: caller.get(Bus),
    lines,
    start: async (more = {}) => {
      const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));
      const started = fork(main, {
        env: { PATH: process.env['PATH'], ...settings, ...more },
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
        execArgv: [],
      });
      let rest = '';
      started.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
        const texts = `${rest}${chunk}`.split('\n');
        rest = texts.pop() ?? '';
        lines.push(...texts);
      });
      started.stderr?.setEncoding('utf8').on('data', (chunk: string) => lines.push(chunk));
      let ready = false;
      started.once('message', () => (ready = true));
      await waitFor(() => ready || started.exitCode !== null, {
        what: 'the service is ready',
        timeoutMs: 20_000,
      });
      if (!ready) throw new Error(`the service did not start:\n${lines.join('\n')}`);
      child = started;
      await waitFor(() => isAnswered(ask(booted.bus)), { what: 'the service answers' });
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
      await caller.drain('test over');
    },
  };
  await booted.start();
  return booted;
}

async function isAnswered(question: Promise<unknown>): Promise<boolean> {
  try {
    await question;
    return true;
  } catch (error) {
    return isCausewayError(error) && error.code !== 'UNAVAILABLE';
  }
}
