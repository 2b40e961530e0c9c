import type { Home } from '../home.js';
import type { Servers } from '../servers/start-servers.js';

/** A real provider is used when one of these is set; only executors get to see them. */
const PROVIDER_KEYS = ['OPENAI_API_KEY', 'ANTHROPIC_API_KEY', 'GOOGLE_API_KEY'];

/** Of the caller's environment, what any service may need; the rest may hold other programs' secrets. */
const PASSED_ON =
  /^(PATH|HOME|USER|LANG|LC_\w+|TZ|TMPDIR|NODE_EXTRA_CA_CERTS|SSL_CERT_\w+|OTEL_\w+|CAUSEWAY_\w+)$/;

/** The stack's own settings: a service that saw the superuser's address could use it. */
const KEPT_BACK = /^(CAUSEWAY_(HOME|POSTGRES_URL|BOOTSTRAP_API_KEY|DEV_FLOWS)|npm_\w+|VITEST\w*|NODE_ENV)$/;

export interface EnvironmentOf {
  readonly home: Home;
  readonly servers: Servers;
  readonly databaseUrls: Readonly<Record<string, string>>;
  readonly http: { readonly host: string; readonly port: number };
  readonly logLevel: string;
  readonly scriptedProviderUrl: string | undefined;
}

/** Whether the environment names a real model provider. */
export function hasProviderKey(environment: NodeJS.ProcessEnv): boolean {
  return PROVIDER_KEYS.some((name) => environment[name]);
}

/** What one service finds in its environment. */
export function serviceEnvironment(service: string, given: EnvironmentOf): Record<string, string> {
  const { home, servers, http } = given;
  const isExecutor = service === 'executor';
  const inherited = Object.entries(process.env).filter(
    ([name]) => !KEPT_BACK.test(name) && (isExecutor || PASSED_ON.test(name)),
  ) as [string, string][];
  const databaseUrl = given.databaseUrls[service];
  return {
    ...Object.fromEntries(inherited),
    NODE_ENV: 'production',
    NODE_COMPILE_CACHE: home.compileCache,
    CAUSEWAY_NATS_URL: servers.nats.url,
    CAUSEWAY_REDIS_URL: servers.redis.url,
    CAUSEWAY_OBJECT_STORE: home.objects,
    CAUSEWAY_MASTER_KEY: home.secrets.masterKey,
    CAUSEWAY_LOG_LEVEL: given.logLevel,
    ...(databaseUrl !== undefined && { CAUSEWAY_DATABASE_URL: databaseUrl }),
    ...(service === 'gateway' && { CAUSEWAY_HTTP_HOST: http.host, CAUSEWAY_HTTP_PORT: String(http.port) }),
    ...(service === 'auth' && { CAUSEWAY_BOOTSTRAP_API_KEY: home.secrets.apiKey }),
    ...(isExecutor &&
      given.scriptedProviderUrl !== undefined && {
        CAUSEWAY_SCRIPTED_PROVIDER_URL: given.scriptedProviderUrl,
      }),
  };
}
