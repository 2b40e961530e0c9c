import { type InputOf, command } from '@causeway/contracts';
import { testNats, waitFor } from '@causeway/testing';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { Controller, Module } from '@nestjs/common';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import {
  Bus,
  Doorbells,
  Handles,
  type Intake,
  type MessageContext,
  type RunningService,
  newId,
  runService,
} from '#platform';
import { testCaller, testKeys } from '#testing';

/** Longer than a busy machine lets a handler wait for its end: what is delivered again meanwhile is begun twice. */
const ackWaitMs = 3_000;
const work = command('cmd.worker.thing.do.v1', {
  input: z.object({ id: z.string() }),
  ackWaitMs,
  maxDeliver: 5,
});
const nats = await testNats();
const crowded = await testNats();

/** Handlers of all workers that have begun and not ended; the test ends them. */
const begun: { id: string; worker: string; message: MessageContext; end: () => void }[] = [];

function workerModule(worker: string) {
  @Controller()
  class WorkController {
    @Handles(work)
    do({ id }: InputOf<typeof work>, message: MessageContext): Promise<void> {
      return new Promise((end) => begun.push({ id, worker, message, end }));
    }
  }
  @Module({ controllers: [WorkController] })
  class WorkerModule {}
  return WorkerModule;
}

function startWorker(worker: string, capacity: number, natsUrl: string = nats.url): Promise<RunningService> {
  return runService({
    name: 'worker',
    settings: {},
    module: async () => workerModule(worker),
    prepare: async (service) => service.get(Doorbells).of(work).setCapacity(capacity),
    environment: { ...testKeys, CAUSEWAY_NATS_URL: natsUrl, CAUSEWAY_LOG_LEVEL: 'silent' },
    embedded: true,
    callerOf: testCaller,
  });
}

let first: RunningService;
let bus: Bus;
let intake: Intake;

beforeAll(async () => {
  first = await startWorker('first', 2);
  bus = first.get(Bus);
  intake = first.get(Doorbells).of(work);
});
afterAll(() => first.drain('the test is over'));

const ring = async (count: number): Promise<void> => {
  await Promise.all(Array.from({ length: count }, () => ringOne()));
};
const ringOne = (): Promise<void> => {
  const id = newId();
  return bus.ring(work, { id }, { messageId: id });
};
/** Waits long enough to see a doorbell that should not arrive. */
const quiet = (ms = 150): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function endAll(): void {
  for (const { end } of begun.splice(0)) end();
}

async function drainQueue(): Promise<void> {
  intake.setCapacity(64);
  await waitFor(async () => {
    endAll();
    return (await waiting()) === 0 && begun.length === 0;
  });
}

async function waiting(): Promise<number> {
  return (await streamInfo()).state.messages;
}

async function streamInfo() {
  const { host, username, password } = new URL(nats.url);
  const connection = await connect({ servers: host, user: username, pass: password });
  try {
    return await (await jetstreamManager(connection)).streams.info('CMD_WORKER');
  } finally {
    await connection.close();
  }
}

test('no more are taken than the capacity, and a greater one takes at once', async () => {
  await ring(5);
  await waitFor(() => begun.length === 2);
  await quiet();
  expect(begun).toHaveLength(2);
  expect(intake.running).toBe(2);
  begun.shift()?.end();
  await waitFor(() => begun.length === 2);
  intake.setCapacity(4);
  await waitFor(() => begun.length === 4);
  await drainQueue();
});

test('a capacity function takes exactly as many as are free', async () => {
  let slots = 3;
  intake.setCapacity((running) => slots - running);
  await ring(6);
  await waitFor(() => begun.length === 3);
  await quiet();
  expect(begun).toHaveLength(3);
  // As in an executor: the doorbell is acknowledged, and the slot stays in use.
  slots = 0;
  endAll();
  await quiet();
  expect(begun).toHaveLength(0);
  slots = 2;
  intake.wake();
  await waitFor(() => begun.length === 2);
  await quiet();
  expect(begun).toHaveLength(2);
  await drainQueue();
});

test('a paused intake takes nothing until it is resumed', async () => {
  intake.pause();
  await ring(2);
  await quiet();
  expect(begun).toHaveLength(0);
  intake.resume();
  await waitFor(() => begun.length === 2);
  await drainQueue();
});

test('a full process leaves doorbells to a free one', async () => {
  intake.setCapacity(1);
  const second = await startWorker('second', 3);
  await ring(4);
  await waitFor(() => begun.length === 4);
  expect(begun.map(({ worker }) => worker).toSorted()).toEqual(['first', 'second', 'second', 'second']);
  endAll();
  await second.drain('the test is over');
  await drainQueue();
});

test('one that takes long is not delivered again while its handler reports that it works', async () => {
  await ringOne();
  const [taken] = await waitFor(() => begun.length === 1 && begun);
  // Altogether longer than the server waits for a handler that reports nothing.
  for (let times = 0; times < 4; times += 1) {
    await quiet(ackWaitMs / 3);
    taken?.message.working();
  }
  expect(begun).toHaveLength(1);
  endAll();
  await waitFor(async () => (await waiting()) === 0);
});

test('the stream is a bounded work queue kept in files, and is corrected when it differs', async () => {
  const { config } = await streamInfo();
  expect(config).toMatchObject({ retention: 'workqueue', storage: 'file', subjects: ['cmd.worker.>'] });
  expect(config).toMatchObject({ discard: 'old', max_msgs_per_subject: 100_000, max_bytes: 64 * 1024 ** 2 });
  const { host, username, password } = new URL(nats.url);
  const connection = await connect({ servers: host, user: username, pass: password });
  const manager = await jetstreamManager(connection);
  await manager.streams.update('CMD_WORKER', { ...config, max_age: 1_000_000_000 * 60 });
  await connection.close();
  const second = await startWorker('second', 1);
  expect((await streamInfo()).config.max_age).toBe(config.max_age);
  await second.drain('the test is over');
});

test('a service cannot handle another’s contract, nor one contract twice', async () => {
  const start = (name: string, modules: unknown[]): Promise<RunningService> => {
    @Module({ imports: modules as never[] })
    class BothModule {}
    return runService({
      name,
      settings: {},
      module: async () => BothModule,
      environment: { ...testKeys, CAUSEWAY_NATS_URL: nats.url, CAUSEWAY_LOG_LEVEL: 'silent' },
      embedded: true,
      callerOf: testCaller,
    });
  };
  await expect(start('other', [workerModule('a')])).rejects.toThrow('belongs to worker');
  await expect(start('worker', [workerModule('a'), workerModule('b')])).rejects.toThrow('two handlers');
});

test('a NATS server without room for a stream is an error that says how much it takes, and the remedy', async () => {
  const { host, username: user, password: pass } = new URL(crowded.url);
  const connection = await connect({ servers: host, user, pass });
  const { streams } = await jetstreamManager(connection);
  await streams.add({ name: 'OTHERS', subjects: ['others'], storage: 'file', max_bytes: 500_000_000 });
  await expect(startWorker('third', 1, crowded.url)).rejects.toThrow(
    new RegExp(
      `^JetStream of the NATS server at ${host} has less than 64 MB .* CMD_WORKER needs .*max_file_store`,
    ),
  );
  await streams.delete('OTHERS');
  const started = await startWorker('third', 1, crowded.url);
  await started.drain('the test is over');
  await connection.close();
});
