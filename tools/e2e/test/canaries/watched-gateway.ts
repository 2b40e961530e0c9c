import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, ServiceProcess, freePort } from '@causeway/stack';
import type { Stack } from '../support/stack.js';

/** The environment of a process of this machine. */
export function environmentOf(pid: number): Record<string, string> {
  const lines = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  return Object.fromEntries(
    lines.flatMap((line) => {
      const at = line.indexOf('=');
      return at > 0 ? [[line.slice(0, at), line.slice(at + 1)]] : [];
    }),
  );
}

/**
 * Starts a further gateway, which has the traces of all its requests collected. That of the other stories makes no traces: they would cost
 * all stories time.
 *
 * @param collectorUrl  of the collector, which the other services have as a setting from their start
 */
export async function startTracedGateway(
  { causeway }: Stack,
  collectorUrl: string,
): Promise<{ readonly url: string; readonly pid: number; stop(): Promise<void> }> {
  const { CAUSEWAY_HTTP_HOST: host = '127.0.0.1', ...environment } = environmentOf(
    causeway.pids()['gateway'] as number,
  );
  const gateway = new ServiceProcess({
    name: 'gateway-traced',
    service: 'gateway',
    program: join(ROOT, 'services/gateway/dist/main.js'),
    environment: {
      ...environment,
      CAUSEWAY_HTTP_HOST: host,
      CAUSEWAY_OTLP_ENDPOINT: collectorUrl,
      CAUSEWAY_TRACE_RATIO: '1',
    },
    logFile: join(causeway.home, 'logs/gateway-traced.log'),
    http: { host, port: await freePort(), isFixed: false },
    changed: () => {},
    say: () => {},
  });
  await gateway.start();
  return {
    url: gateway.url ?? '',
    pid: gateway.process?.pid ?? 0,
    stop: () => gateway.stop(),
  };
}
