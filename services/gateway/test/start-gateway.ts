import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A gateway in a process of its own. */
export interface StartedGateway {
  readonly url: string;
  stop(): Promise<number | null>;
}

/** Starts the built gateway on free ports; settles when it is ready. */
export function startGateway(
  natsUrl: string,
  environment: Record<string, string> = {},
): Promise<StartedGateway> {
  const child = fork(fileURLToPath(new URL('../dist/main.js', import.meta.url)), {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: {
      PATH: process.env['PATH'],
      CAUSEWAY_NATS_URL: natsUrl,
      CAUSEWAY_HTTP_PORT: '0',
      CAUSEWAY_MASTER_KEY: randomBytes(32).toString('base64'),
      CAUSEWAY_OBJECT_STORE: mkdtempSync(join(tmpdir(), 'gateway-')),
      ...environment,
    },
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the gateway ended with code ${code}`)));
    child.on('message', ({ type, httpPort }: { type: string; httpPort: number }) => {
      if (type !== 'causeway.ready') return;
      const stop = (): Promise<number | null> => (child.kill('SIGTERM'), ended);
      resolve({ url: `http://127.0.0.1:${httpPort}`, stop });
    });
  });
}
