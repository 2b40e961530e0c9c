import { type CommandContract, durableName, streamName } from '@causeway/contracts';
import type { ConsumerConfig, StreamConfig } from '@nats-io/jetstream';
import type { BusConnection } from './bus-connection.js';

const NANOS = 1_000_000;
/** Doorbells that no process took for so long are dropped: they are sent again from rows in Postgres. */
const KEPT_MS = 60 * 60_000;
/** Messages with the same id within this time count as one. */
const DUPLICATE_WINDOW_MS = 30_000;
/** Most doorbells in a stream: above it the oldest are dropped, for the same reason. */
const MOST_KEPT = 100_000;
const MOST_KEPT_MB = 64;
const MAX_WAITING_ACKS = 10_000;
const NOT_FOUND = new Set([10014, 10059]);
const EXISTS = new Set([10058, 10148]);
/** The server's or the account's storage: JetStream counts all that a stream may hold as taken. */
const NO_ROOM = new Set([10002, 10023, 10047]);

/** Creates the stream of an owner's doorbells, or changes it when it differs. @throws Error naming the remedy when JetStream has no room for it */
export async function ensureStream(connection: BusConnection, owner: string): Promise<void> {
  const { streams } = await connection.manager();
  const wanted = {
    name: streamName(owner),
    subjects: [`cmd.${owner}.>`],
    retention: 'workqueue',
    storage: 'file',
    discard: 'old',
    max_age: KEPT_MS * NANOS,
    max_msgs_per_subject: MOST_KEPT,
    max_bytes: MOST_KEPT_MB * 1024 ** 2,
    duplicate_window: DUPLICATE_WINDOW_MS * NANOS,
    num_replicas: connection.replicas,
  } satisfies Partial<StreamConfig>;
  const found = await orUndefined(streams.info(wanted.name));
  try {
    if (!found) await unlessExists(streams.add(wanted));
    else if (differs(found.config, wanted)) await streams.update(wanted.name, wanted);
  } catch (error) {
    if (!NO_ROOM.has(codeOf(error))) throw error;
    throw new Error(
      `JetStream of the NATS server at ${connection.nats.getServer()} has less than ${MOST_KEPT_MB} MB of storage left, which the stream ` +
        `${wanted.name} needs (${(error as Error).message}). Raise max_file_store in the server's configuration, and the account's limit if ` +
        `it has one. Without max_file_store the server takes three quarters of what its disk has free when it starts: free space there and restart it.`,
      { cause: error },
    );
  }
}

/** Creates a doorbell's consumer, or changes it when it differs. */
export async function ensureConsumer(
  connection: BusConnection,
  owner: string,
  contract: CommandContract,
): Promise<void> {
  const { consumers } = await connection.manager();
  const stream = streamName(owner);
  const wanted = {
    durable_name: durableName(contract),
    filter_subject: contract.subject,
    ack_policy: 'explicit',
    deliver_policy: 'all',
    ack_wait: contract.ackWaitMs * NANOS,
    max_deliver: contract.maxDeliver,
    max_ack_pending: MAX_WAITING_ACKS,
  } satisfies Partial<ConsumerConfig>;
  const found = await orUndefined(consumers.info(stream, wanted.durable_name));
  if (!found) await unlessExists(consumers.add(stream, wanted));
  else if (differs(found.config, wanted)) await consumers.update(stream, wanted.durable_name, wanted);
}

function differs(found: object, wanted: object): boolean {
  const present = found as Record<string, unknown>;
  return Object.entries(wanted).some(
    ([key, value]) => JSON.stringify(present[key]) !== JSON.stringify(value),
  );
}

async function orUndefined<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (NOT_FOUND.has(codeOf(error))) return undefined;
    throw error;
  }
}

/** Ignores the error when another instance has created it meanwhile. */
async function unlessExists(asked: Promise<unknown>): Promise<void> {
  try {
    await asked;
  } catch (error) {
    if (!EXISTS.has(codeOf(error))) throw error;
  }
}

function codeOf(error: unknown): number {
  return (error as { code?: unknown }).code as number;
}
