import { DEFAULT_RUN_LIMITS } from '@causeway/contracts';
import { defineSettings, type ServiceSettings } from '@causeway/platform';
import { z } from 'zod';

/** For classes that the scheduler supports although no route starts them yet. */
const NOT_YET = ' Nothing starts such runs yet.';

function weight(value: number, what: string, note = '') {
  return {
    schema: z.coerce.number().min(0.01).max(1_000).default(value),
    description: `Weight of waiting runs that ${what} started: a class with twice the weight gets twice as many turns.${note}`,
  };
}

/** The settings of the scheduler. */
export const settings = defineSettings({
  teamSlots: {
    schema: z.coerce.number().int().min(1).max(100_000).default(256),
    description:
      'Runs of one team that may be handed to executors at the same time, unless the team has its own capacity.',
  },
  teamQueue: {
    schema: z.coerce.number().int().min(0).max(1_000_000).default(10_000),
    description: 'Runs of one team that may wait; more are refused with TEAM_BUSY.',
  },
  flowSlots: {
    schema: z.coerce.number().int().min(1).max(100_000).default(256),
    description:
      'Runs of one flow that may be handed to executors at the same time, unless the flow has its own capacity.',
  },
  systemSlots: {
    schema: z.coerce.number().int().min(0).max(1_000_000).default(0),
    description:
      'Runs of all teams that may be handed to executors at the same time; 0: as many as the live executors take and a quarter more.',
  },
  systemQueue: {
    schema: z.coerce.number().int().min(0).max(10_000_000).default(50_000),
    description:
      'Runs of all teams that may wait; more are refused with OVERLOADED. Runs that webhooks start are refused from nine tenths of it on.',
  },
  apiWeight: weight(8, 'an API call'),
  webhookWeight: weight(4, 'a webhook'),
  scheduleWeight: weight(2, 'a schedule', NOT_YET),
  batchWeight: weight(1, 'a batch', NOT_YET),
  runTimeoutMs: {
    schema: z.coerce.number().int().min(1_000).max(86_400_000).default(DEFAULT_RUN_LIMITS.timeoutMs),
    description: 'How long a run may execute, in milliseconds.',
  },
  runMaxTokens: {
    schema: z.coerce.number().int().min(1).default(DEFAULT_RUN_LIMITS.maxTokens),
    description: 'How many tokens the models of a run may output.',
  },
  runMemoryBytes: {
    schema: z.coerce.number().int().min(1024).default(DEFAULT_RUN_LIMITS.memoryBytes),
    description:
      'Memory that a run may use, in bytes. Memory is only known for a whole process, so a run above the limit ends with LIMIT_MEMORY only while it is alone in its runner.',
  },
  flowCacheMs: {
    schema: z.coerce.number().int().min(0).max(30_000).default(1_000),
    description: 'How long the release of a flow is cached, in milliseconds.',
  },
  queueTtlS: {
    schema: z.coerce
      .number()
      .int()
      .min(1)
      .max(30 * 86_400)
      .default(86_400),
    description: 'How long a run may wait in the queue before it ends as timed_out, in seconds.',
  },
  reconcileMs: {
    schema: z.coerce.number().int().min(100).max(60_000).default(5_000),
    description:
      'How often runs that have waited too long are ended and free slots are filled, in milliseconds.',
  },
  idempotencyDays: {
    schema: z.coerce.number().int().min(1).max(365).default(7),
    description: 'How long an idempotency key is kept, in days; never longer than the answer of its run.',
  },
  runDays: {
    schema: z.coerce.number().int().min(1).max(36_500).default(30),
    description:
      'How long a run is kept after its end, with its steps, events and everything that it stored, in days. A run that is not over is always kept.',
  },
  payloadDays: {
    schema: z.coerce.number().int().min(1).max(36_500).default(30),
    description:
      'How long the payloads of a run are kept after its end, in days: its input, the results of its steps, its answer. If that is less than CAUSEWAY_RUN_DAYS, older runs keep their path, times, tokens and errors.',
  },
});

export type Settings = ServiceSettings<typeof settings>;
