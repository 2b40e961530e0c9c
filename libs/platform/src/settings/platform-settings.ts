import { z } from 'zod';
import { readSigningKey, readTrustedKeys } from '../identity/keys.js';
import { commaSeparated } from './comma-separated.js';
import { type SettingsDefinition, type SettingsOf, defineSettings } from './define-settings.js';

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** How much a process logs. */
export type LogLevel = (typeof logLevels)[number];

const S3_PLACE = /^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/[\w.-]+)*\/?$/;

/** A text that a function can read; its error says what is wrong. */
function parsedBy(read: (text: string) => unknown): z.ZodType<string> {
  return z.string().superRefine((text, context) => {
    try {
      read(text);
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message });
    }
  });
}

/** Settings that every service has. */
export const platformSettings = defineSettings({
  databaseUrl: {
    schema: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
    description:
      'Postgres of this service, with its login and schema: postgresql://auth:…@host:5432/causeway?schema=auth. The schema defaults to the service’s name.',
    secret: true,
  },
  databasePoolSize: {
    schema: z.coerce.number().int().min(1).max(500).default(10),
    description: 'Connections to Postgres that this process may open.',
  },
  statementTimeoutMs: {
    schema: z.coerce.number().int().min(100).default(15_000),
    description: 'Postgres ends a statement that takes longer than this, in milliseconds.',
  },
  natsUrl: {
    schema: z.string().min(1).default('nats://127.0.0.1:4222'),
    description: 'NATS servers, separated by commas.',
    secret: true,
  },
  signingKey: {
    schema: parsedBy(readSigningKey),
    description:
      'Signs the messages of this service, so that other services know who sends them: 32 random bytes as base64, other ones for each service. `npx causeway signing-key` makes a key and shows the public one.',
    secret: true,
  },
  trustedKeys: {
    schema: parsedBy(readTrustedKeys),
    description:
      'The public keys of all services: `gateway=KEY,scheduler=KEY`, each as base64url. A service may stand there twice while its key is replaced.',
  },
  natsReplicas: {
    schema: z.coerce.number().int().min(1).max(5).default(1),
    description: 'Copies of each doorbell stream in a NATS cluster.',
  },
  redisUrl: {
    schema: z.url({ protocol: /^rediss?$/ }).optional(),
    description: 'Redis for caches and counters; without it nothing is cached.',
    secret: true,
  },
  objectStore: {
    schema: z
      .string()
      .min(1)
      .refine((text) => !text.startsWith('s3:') || S3_PLACE.test(text), {
        error: 'must be a folder, or a bucket of S3 with or without a prefix: s3://bucket/prefix',
      })
      .default('.causeway/objects'),
    description:
      'Where payloads above 64 KiB, files, and messages above 512 KiB are stored: a folder that all services share, or an S3 bucket as s3://bucket/prefix.',
  },
  objectStoreEndpoint: {
    schema: z.url({ protocol: /^https?$/ }).optional(),
    description: 'Address of the S3 server, such as https://s3.example.com; without it AWS is used.',
  },
  objectStoreRegion: {
    schema: z.string().min(1).default('us-east-1'),
    description: 'Region of the bucket.',
    alsoReads: ['AWS_REGION'],
  },
  objectStoreAccessKey: {
    schema: z.string().min(1).optional(),
    description:
      'Access key id for the bucket; without it the AWS client looks for credentials itself, such as the machine’s role.',
    secret: true,
  },
  objectStoreSecretKey: {
    schema: z.string().min(1).optional(),
    description: 'Secret access key for the bucket.',
    secret: true,
  },
  objectStoreSpool: {
    schema: z.string().min(1).optional(),
    description:
      'Local folder that holds a file while it is sent to S3; without it the system’s folder for temporary files is used.',
  },
  diskPaths: {
    schema: commaSeparated,
    description:
      'Paths whose disks are watched, separated by commas: those of the object store, of logs, and of Postgres where it is on this machine.',
  },
  diskWarnPercent: {
    schema: z.coerce.number().min(1).max(100).default(85),
    description: 'How full a watched disk must be before the log warns, in percent.',
  },
  diskRefusePercent: {
    schema: z.coerce.number().min(1).max(100).default(95),
    description:
      'How full a watched disk must be before new runs, uploads and flows are refused, in percent; accepted runs may finish.',
  },
  diskLookMs: {
    schema: z.coerce.number().int().min(50).default(5_000),
    description: 'How often watched disks are checked, in milliseconds.',
  },
  logLevel: {
    schema: z.enum(logLevels).default('info'),
    description: 'Lowest level that is logged.',
  },
  environment: {
    schema: z.string().min(1).default('development'),
    description: 'Name of the installation, in logs and traces.',
  },
  internalHost: {
    schema: z.string().min(1).default('127.0.0.1'),
    description: 'Address of the internal port (/health, /ready, /metrics). Never make it public.',
  },
  internalToken: {
    schema: z.string().min(16).optional(),
    description:
      'Token that a request which changes something on the internal port must send as `Authorization: Bearer …`; without this setting they are refused. Reading needs no token.',
    secret: true,
  },
  internalPort: {
    schema: z.coerce.number().int().min(0).max(65_535).default(0),
    description: 'Internal port; 0 means a free one, which is logged.',
  },
  otlpEndpoint: {
    schema: z.url().optional(),
    description:
      'OTLP/HTTP collector for traces, such as http://127.0.0.1:4318; without it nothing is traced.',
    alsoReads: ['OTEL_EXPORTER_OTLP_ENDPOINT'],
  },
  traceRatio: {
    schema: z.coerce.number().min(0).max(1).default(0.05),
    description: 'Share of requests that are traced, from 0 to 1; the gateway decides once for each request.',
  },
  drainTimeoutMs: {
    schema: z.coerce.number().int().min(0).default(25_000),
    description: 'How long a stopping process waits for unfinished work, in milliseconds.',
  },
});

export type PlatformSettings = SettingsOf<typeof platformSettings>;

/** The settings of a service: its own and those of every service. */
export type ServiceSettings<D extends SettingsDefinition> = PlatformSettings & SettingsOf<D>;
