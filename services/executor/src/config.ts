import { commaSeparated, defineSettings } from '@causeway/platform';
import type { ServiceSettings } from '@causeway/platform';
import { z } from 'zod';

/** Providers whose keys and addresses the platform may have; `openai` → `OPENAI_API_KEY`, `CAUSEWAY_OPENAI_BASE_URL`. */
export const platformProviders = [
  'openai',
  'anthropic',
  'google',
  'ollama',
  'groq',
  'openrouter',
  'mistral',
] as const;

/** A flow must not read the platform's own settings: they hold its secrets. */
const ownNames = /^CAUSEWAY_/i;

const namesInEnvironment = commaSeparated.transform((names, context): Readonly<Record<string, string>> => {
  for (const name of names)
    if (!/^[A-Z_][A-Z0-9_]*$/i.test(name) || ownNames.test(name))
      context.addIssue({
        code: 'custom',
        message: `${name} is not the name of a variable that flows may read`,
      });
  return Object.fromEntries(names.map((name) => [name, '']));
});

const key = (provider: string, variable: string) => ({
  schema: z.string().min(1).optional(),
  description: `The platform's own key for ${provider}, used by nodes that have no key.`,
  secret: true,
  alsoReads: [variable],
});

const baseUrl = (provider: string) => ({
  schema: z.url().optional(),
  description: `Address at which ${provider} is called instead of its public one.`,
});

const shared = defineSettings({
  runsPerRunner: {
    schema: z.coerce.number().int().min(1).max(1_000).default(64),
    description: 'Runs that a runner executes at the same time.',
  },
  standbyRunners: {
    schema: z.coerce.number().int().min(0).max(4).default(1),
    description:
      'Idle processes, started and connected; one of them takes new runs at once when the shared runner dies or stops responding. Each uses about 150 MB. 0: new runs wait until a process has started.',
  },
  quarantineRunners: {
    schema: z.coerce.number().int().min(1).max(16).default(2),
    description:
      'Processes that execute the runs of dead runners again, in groups that halve; they start when they are needed.',
  },
  memoryLimitMb: {
    schema: z.coerce.number().int().min(64).default(2_048),
    description:
      'Memory that a runner may use, in MiB, or what the container leaves if that is less. A runner above the limit is ended, and its runs are executed again in quarantine.',
  },
  stepOutputBytes: {
    schema: z.coerce
      .number()
      .int()
      .min(1_024)
      .default(8 * 1024 * 1024),
    description: 'Largest result of one step, in bytes of JSON.',
  },
  runOutputBytes: {
    schema: z.coerce
      .number()
      .int()
      .min(1_024)
      .default(64 * 1024 * 1024),
    description: 'Largest sum of the results of one run, in bytes of JSON.',
  },
  messageDays: {
    schema: z.coerce.number().int().min(1).max(36_500).default(90),
    description:
      'How long a chat session is kept after its last message, in days; it is removed as a whole, but not while one of its runs executes.',
  },
  modelIdleTimeoutMs: {
    schema: z.coerce.number().int().min(100).default(120_000),
    description: 'A call to a model provider ends when nothing arrives for this time, in milliseconds.',
  },
  defaultModel: {
    schema: z
      .string()
      .regex(/^[^/]+\/.+$/, 'must read provider/model, such as openai/gpt-4.1-mini')
      .optional(),
    description: 'Model of nodes that name none, as provider/model.',
  },
  scriptedProviderUrl: {
    schema: z.url().optional(),
    description:
      'Address of the scripted model for nodes without a model or a key. For development and tests only.',
  },
  outboundAllow: {
    schema: commaSeparated,
    description:
      'Addresses, ranges and hosts that flows may call even though they are not public, separated by commas.',
  },
  variablesFromEnvironment: {
    schema: namesInEnvironment,
    description:
      'Names of environment variables, separated by commas, that flows may use as credentials if their team has stored no variable with that name.',
    secret: true,
    fromEnvironment: true,
  },
  openaiApiKey: key('OpenAI', 'OPENAI_API_KEY'),
  anthropicApiKey: key('Anthropic', 'ANTHROPIC_API_KEY'),
  googleApiKey: key('Google', 'GOOGLE_API_KEY'),
  ollamaApiKey: key('Ollama', 'OLLAMA_API_KEY'),
  groqApiKey: key('Groq', 'GROQ_API_KEY'),
  openrouterApiKey: key('OpenRouter', 'OPENROUTER_API_KEY'),
  mistralApiKey: key('Mistral', 'MISTRAL_API_KEY'),
  openaiBaseUrl: baseUrl('OpenAI'),
  anthropicBaseUrl: baseUrl('Anthropic'),
  googleBaseUrl: baseUrl('Google'),
  ollamaBaseUrl: baseUrl('Ollama'),
  groqBaseUrl: baseUrl('Groq'),
  openrouterBaseUrl: baseUrl('OpenRouter'),
  mistralBaseUrl: baseUrl('Mistral'),
});

/** The settings of an executor; its runners get the same, but their own login and key in place of the executor's. */
export const settings = defineSettings({
  ...shared,
  runnerSigningKey: {
    schema: z.base64().length(44),
    description:
      'Signs the messages of runners: 32 random bytes as base64, whose public key stands as `executor-runner` in CAUSEWAY_TRUSTED_KEYS. Runners get it in place of CAUSEWAY_SIGNING_KEY.',
    secret: true,
  },
  runnerNatsUrl: {
    schema: z.string().min(1).optional(),
    description:
      'NATS address with the login of `executor-runner`, which may do less than that of `executor`. Runners get it in place of CAUSEWAY_NATS_URL; without it they use that one.',
    secret: true,
  },
});

/** A runner has the environment of its supervisor, but not its port. */
export const runnerSettings = defineSettings({
  ...shared,
  internalPort: {
    schema: z.unknown().transform(() => 0),
    description: 'Internal port of a runner: always a free one, which its supervisor logs.',
  },
});

/** What supervisor and runners have in common. */
export type Settings = ServiceSettings<typeof shared>;
export type SupervisorSettings = ServiceSettings<typeof settings>;

/** The version of the journal that this code writes. */
export const ENGINE_VERSION = 1;
/** Versions whose journals this code can read and continue. */
export const READABLE_ENGINES: readonly number[] = [1];
/** A run is given up after so many runners have died while they executed it alone. */
export const CRASH_LIMIT = 3;
