import type { Home } from '../home.js';
import type { CertificateFiles } from '../https/own-certificate.js';
import type { Servers } from '../servers/start-servers.js';
import { RUNNER, signingSettings } from './signing-settings.js';

/**
 * A real provider is used when one of these keys is set; nodes that name no model, as in newer versions of Langflow, then use its
 * model. Only executors get the keys.
 */
const PROVIDERS: Readonly<Record<string, string>> = {
  OPENAI_API_KEY: 'openai/gpt-4.1-mini',
  ANTHROPIC_API_KEY: 'anthropic/claude-haiku-4-5',
  GOOGLE_API_KEY: 'google/gemini-2.5-flash',
};

/** The variables of the caller's environment that any service may need; the others may hold secrets of other programs. */
const PASSED_ON =
  /^(PATH|HOME|USER|LANG|LC_\w+|TZ|TMPDIR|NODE_EXTRA_CA_CERTS|SSL_CERT_\w+|OTEL_\w+|CAUSEWAY_\w+)$/;

/** Settings of the stack, of the command line tool and of one service alone: a service that saw the superuser's address could use it. */
const KEPT_BACK =
  /^(CAUSEWAY_(MASTER_KEY(_FILE)?|HOME|POSTGRES_URL|BOOTSTRAP_API_KEY|AUDIT_SIGNING_KEY|DEV_FLOWS|URL|API_KEY|CA_FILE)|npm_\w+|VITEST\w*|NODE_ENV)$/;

export interface EnvironmentOf {
  readonly home: Home;
  readonly servers: Servers;
  readonly databaseUrls: Readonly<Record<string, string>>;
  readonly logLevel: string;
  /** Settings for the key of the bootstrap administrator. */
  readonly apiKey: string;
  readonly scriptedProviderUrl: string | undefined;
  /** The gateway's certificate, when it speaks HTTPS. */
  readonly certificate?: CertificateFiles | undefined;
}

/**
 * Whether nodes without a model use the scripted one, and its address when the environment names one: then none is started.
 *
 * @param wished  the value that a test sets
 */
export function chooseScripted(
  environment: NodeJS.ProcessEnv,
  wished?: boolean,
): { readonly isScripted: boolean; readonly givenUrl: string | undefined } {
  const givenUrl = environment['CAUSEWAY_SCRIPTED_PROVIDER_URL'] || undefined;
  const isScripted = wished ?? (givenUrl !== undefined || !hasProviderKey(environment));
  return { isScripted, givenUrl: isScripted ? givenUrl : undefined };
}

/** Whether the environment names a real model provider. */
export function hasProviderKey(environment: NodeJS.ProcessEnv): boolean {
  return findDefaultModel(environment) !== undefined;
}

/** The model of the first provider whose key is in the environment. */
export function findDefaultModel(environment: NodeJS.ProcessEnv): string | undefined {
  return Object.entries(PROVIDERS).find(([name]) => environment[name])?.[1];
}

/**
 * The environment of one service. Variables of the caller's environment override the values of the stack: the object store, the disks. The addresses of servers and of the gateway are the caller's already if it has set them.
 */
export function serviceEnvironment(service: string, given: EnvironmentOf): Record<string, string> {
  const { home, servers } = given;
  const isExecutor = service === 'executor';
  const inherited = Object.entries(process.env).filter(
    ([name, value]) => value && !KEPT_BACK.test(name) && (isExecutor || PASSED_ON.test(name)),
  ) as [string, string][];
  const databaseUrl = given.databaseUrls[service];
  const model = given.scriptedProviderUrl === undefined ? findDefaultModel(process.env) : undefined;
  return {
    ...(isExecutor && model !== undefined && { CAUSEWAY_DEFAULT_MODEL: model }),
    CAUSEWAY_OBJECT_STORE: home.objects,
    CAUSEWAY_DISK_PATHS: [...objectFolders(home), home.logs, home.postgresFolder].join(','),
    ...Object.fromEntries(inherited),
    NODE_ENV: 'production',
    NODE_COMPILE_CACHE: home.compileCache,
    ...signingSettings(home.secrets, service),
    CAUSEWAY_NATS_URL: servers.natsUrlOf(service),
    ...(isExecutor && {
      CAUSEWAY_RUNNER_NATS_URL: process.env['CAUSEWAY_RUNNER_NATS_URL'] || servers.natsUrlOf(RUNNER),
    }),
    CAUSEWAY_REDIS_URL: servers.redis.url,
    CAUSEWAY_LOG_LEVEL: given.logLevel,
    ...(databaseUrl !== undefined && { CAUSEWAY_DATABASE_URL: databaseUrl }),
    ...(service === 'gateway' &&
      given.certificate && {
        CAUSEWAY_TLS_CERT_FILE: given.certificate.certFile,
        CAUSEWAY_TLS_KEY_FILE: given.certificate.keyFile,
      }),
    ...(service === 'auth' && { CAUSEWAY_BOOTSTRAP_API_KEY: given.apiKey, ...masterKeys(home) }),
    ...(isExecutor &&
      given.scriptedProviderUrl !== undefined && {
        CAUSEWAY_SCRIPTED_PROVIDER_URL: given.scriptedProviderUrl,
      }),
  };
}

/** The folder of the object store; undefined when the store is a bucket. */
function objectFolders(home: Home): string[] {
  const store = process.env['CAUSEWAY_OBJECT_STORE'] || home.objects;
  return store.startsWith('s3:') ? [] : [store];
}

/** The master keys: those of the environment, else the copy's own. Only auth gets them. */
function masterKeys(home: Home): Record<string, string> {
  const { CAUSEWAY_MASTER_KEY: keys, CAUSEWAY_MASTER_KEY_FILE: file } = process.env;
  if (file) return { CAUSEWAY_MASTER_KEY_FILE: file };
  return { CAUSEWAY_MASTER_KEY: keys || home.secrets.masterKey };
}
