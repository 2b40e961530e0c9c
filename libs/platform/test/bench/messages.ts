/**
 * Requests per second through Bus and @Handles compared with plain NATS; both ends are processes of their own, measured in turns.
 * Run: node libs/platform/dist/test/bench/messages.js <natsUrl>
 */
import { fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { connect } from '@nats-io/transport-node';
import { Module } from '@nestjs/common';
import { Bus, log, newId, runService, withContext } from '#platform';
import { measured } from './contract.js';
import { testCaller, testKeys } from '#testing';

const natsUrl = process.argv[2] ?? 'nats://127.0.0.1:4222';
const server = fileURLToPath(new URL('./server.js', import.meta.url));
const SECONDS = 3;
const IN_FLIGHT = 64;
const input = { runId: newId(), organisationId: newId(), teamId: newId(), text: 'x'.repeat(60) };

@Module({})
class ClientModule {}

async function start(kind: string): Promise<{ stop: () => void; cpuMs: () => number }> {
  const child = fork(server, [kind, natsUrl], {
    execArgv: process.execArgv,
    env: { ...process.env, ...testKeys, CAUSEWAY_NATS_URL: natsUrl, CAUSEWAY_LOG_LEVEL: 'error' },
  });
  await new Promise((resolve) => child.once('message', resolve));
  return { stop: () => child.kill(), cpuMs: () => cpuMsOf(child.pid as number) };
}

/** Processor time of another process, in steps of 10 ms. */
function cpuMsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const [, , , , , , , , , , , user, system] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(user) + Number(system)) * 10;
}

async function rate(ask: () => Promise<void>): Promise<number> {
  const until = performance.now() + SECONDS * 1000;
  let count = 0;
  const caller = async (): Promise<void> => {
    while (performance.now() < until) {
      await ask();
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, caller));
  return Math.round(count / SECONDS);
}

async function latency(ask: () => Promise<void>): Promise<string> {
  const times: number[] = [];
  for (let index = 0; index < 2_000; index += 1) {
    const startedMs = performance.now();
    await ask();
    times.push(performance.now() - startedMs);
  }
  return (times.toSorted((a, b) => a - b)[1_000] as number).toFixed(3);
}

const service = await runService({
  name: 'client',
  settings: {},
  module: async () => ClientModule,
  environment: { ...testKeys, CAUSEWAY_NATS_URL: natsUrl, CAUSEWAY_LOG_LEVEL: 'error' },
  embedded: true,
  callerOf: testCaller,
});
log.level = 'error';
const bus = service.get(Bus);
const raw = await connect({ servers: natsUrl.replace('nats://', '') });
const context = { requestId: newId(), traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-00` };
const arms: [string, string, () => Promise<void>][] = [
  [
    'raw → raw',
    'raw',
    async () => void (await raw.request('bench.raw', JSON.stringify(input), { timeout: 5_000 })).json(),
  ],
  [
    'bus → @Handles',
    'nest',
    () => withContext(context, async () => void (await bus.request(measured, input))),
  ],
];
const servers = [await start('raw'), await start('nest')];
for (const [, , ask] of arms) await rate(ask);
for (let round = 1; round <= 4; round += 1) {
  for (const [index, [name, , ask]] of arms.entries()) {
    const before = process.cpuUsage();
    const serverBefore = servers[index]?.cpuMs() ?? 0;
    const perSecond = await rate(ask);
    const { user, system } = process.cpuUsage(before);
    const client = (user + system) / (perSecond * SECONDS);
    const handler = (((servers[index]?.cpuMs() ?? 0) - serverBefore) * 1000) / (perSecond * SECONDS);
    const p50 = await latency(ask);
    console.log(
      `${name}: ${perSecond} req/s; processor per request: caller ${client.toFixed(0)} µs, handler ${handler.toFixed(0)} µs; p50 ${p50} ms`,
    );
  }
}
for (const { stop } of servers) stop();
await service.drain('done');
await raw.close();
