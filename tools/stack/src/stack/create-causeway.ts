import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { migrateAll } from '@causeway/migrate';
import type { ScriptedProvider } from '@causeway/scripted-provider';
import { chosenHomeFolder, openHome, readLastPort, writeLastPort } from '../home.js';
import { ROOT } from '../places.js';
import { type Running, claimHome, clearRunning, writeRunning } from '../running.js';
import { DATABASE, rolePassword } from '../roles.js';
import { freePort } from '../servers/free-port.js';
import type { Server } from '../servers/server.js';
import { type Say, type Servers, startServers } from '../servers/start-servers.js';
import { chooseHttpPort } from './choose-http-port.js';
import { findInternalPort, refuseServiceSettings } from './check-settings.js';
import { chooseScripted, serviceEnvironment } from './service-environment.js';
import { findStopWait } from './find-stop-wait.js';
import { logLimitOf, rotateWhileRunning } from './log-rotation.js';
import { chooseCertificate, renewWhileRunning } from '../https/choose-certificate.js';
import { ServiceProcess } from './service-process.js';

export interface CausewayOptions {
  /** The private folder: data, keys, logs. @default CAUSEWAY_HOME, else `.causeway` in the checkout */
  readonly home?: string;
  /** The data need not survive a crash of the machine, as in a test, so creating it does not wait for the disk. @default false */
  readonly isThrowaway?: boolean;
  /** Port of the gateway; another one is used when it is taken. 0 means any. @default chosen by `chooseHttpPort` */
  readonly port?: number;
  /** Whether the gateway speaks HTTPS with a certificate of its own, unless CAUSEWAY_TLS_CERT_FILE names another. @default false */
  readonly https?: boolean;
  /** How many executor processes. @default 1 */
  readonly executors?: number;
  /** How many gateway processes; further ones use any port. @default 1 */
  readonly gateways?: number;
  /** Whether nodes without a model use the scripted one. @default true unless the environment has a provider's key */
  readonly scripted?: boolean;
  /** @default CAUSEWAY_LOG_LEVEL, else 'info' */
  readonly logLevel?: string;
  /** More environment, per service. */
  readonly environment?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Is called with lines of progress, and later of each unexpected end of a service. @default nothing is printed */
  readonly say?: Say;
  /** Is called with each log line of a service; the files in `logs/` have them in any case. */
  readonly relay?: (service: string, line: string) => void;
  /** Stops the start when aborted: everything that was started is stopped. */
  readonly signal?: AbortSignal;
}

/** The running platform. */
export interface Causeway {
  /** Of the gateway. */
  readonly url: string;
  /** Addresses of all gateways, the first one first. */
  readonly urls: readonly string[];
  /** The bootstrap administrator's. */
  readonly apiKey: string;
  readonly home: string;
  /** The gateway's certificate, when it speaks HTTPS. */
  readonly certFile: string | undefined;
  readonly servers: Servers;
  /** By name; further executors and gateways are `executor-2` and so on. */
  readonly services: ReadonlyMap<string, ServiceProcess>;
  /** Database address per service, as the role it runs as. */
  readonly databaseUrls: Readonly<Record<string, string>>;
  /** The one that this process runs; undefined when a real provider is used, or the environment names another scripted one. */
  readonly scriptedProvider: ScriptedProvider | undefined;
  /** Whether nodes without a model use the scripted one. */
  readonly isScripted: boolean;
  /** Process ids by name, `stack` being this process. */
  pids(): Record<string, number>;
  /** A text that says what a stop waits for; undefined when it waits for nothing. */
  stopWait(): Promise<string | undefined>;
  /** Stops all in order: the gateway, executors, the other services, audit, the servers. */
  stop(): Promise<void>;
  /** Ends all at once, as a crash would. */
  kill(): Promise<void>;
}

/**
 * Finds or starts the servers, migrates, starts the scripted provider and every service, and returns when all are
 * ready: what `npm start` does.
 *
 * @throws AlreadyRunningError when a copy runs on this private folder; Error that names the problem, and then nothing is left running
 */
export async function createCauseway(options: CausewayOptions = {}): Promise<Causeway> {
  const { say = () => {}, executors = 1, gateways = 1, signal } = options;
  refuseServiceSettings(process.env);
  const logLimitBytes = logLimitOf(process.env);
  const firstInternalPort = findInternalPort(process.env);
  const home = openHome(options.home ?? chosenHomeFolder(), options.isThrowaway);
  const left = await claimHome(home);
  if (left.length > 0)
    say(`Ended the processes that a crash had left: ${left.map(({ name }) => name).join(', ')}`);

  let endRenewal = (): void => {};
  const endRotation = rotateWhileRunning(home.logs, logLimitBytes);
  const started = new Set<Server>();
  const services = new Map<string, ServiceProcess>();
  let provider: ScriptedProvider | undefined;
  const apiKey = process.env['CAUSEWAY_BOOTSTRAP_API_KEY'] || home.secrets.apiKey;
  let ready: Omit<Running, 'stack' | 'processes'> = {};
  const record = (): void => {
    const processes = [...started, ...services.values()].flatMap((each) => each.process ?? []);
    const internalUrls = Object.fromEntries(
      [...services.values()].map((each) => [each.name, each.internalUrl]),
    );
    writeRunning(home, { processes, internalUrls, ...ready });
  };
  // A full disk must not end the process that restarts the others: the list is written again at the next change.
  const recordChange = (): void => {
    try {
      record();
    } catch (error) {
      say(`The process list in ${home.folder} cannot be written: ${(error as Error).message}`);
    }
  };
  const end = async (how: 'stop' | 'kill'): Promise<void> => {
    const all = [...services.values()];
    try {
      const stages = how === 'stop' ? stopStages(all) : [all];
      for (const stage of stages) await Promise.all(stage.map((service) => service[how]()));
      await provider?.close();
      await Promise.all([...started].map((server) => server[how]()));
    } finally {
      endRotation();
      endRenewal();
    }
    clearRunning(home);
  };

  try {
    const lap = stopwatch();
    const host = process.env['CAUSEWAY_HTTP_HOST'] || '127.0.0.1';
    const wantedPort = process.env['CAUSEWAY_HTTP_PORT'];
    // A port that cannot be used is reported before anything else is done.
    if (options.port === undefined && wantedPort) await chooseHttpPort(wantedPort, host, say);
    const changed = (server: Server): void => {
      started.add(server);
      recordChange();
    };
    const servers = await startServers(home, say, { say, changed });
    say(`Postgres, NATS and Redis are ready (${lap()})`);
    signal?.throwIfAborted();
    ready = { postgresUrl: servers.postgres.url };
    const { urls: databaseUrls, applied } = await migrateAll({
      adminUrl: servers.postgres.url,
      database: DATABASE,
      servicesFolder: join(ROOT, 'services'),
      passwordOf: (role) => rolePassword(home.secrets, role),
      say,
    });
    say(`${applied.length} migrations applied (${lap()})`);
    signal?.throwIfAborted();
    const { isScripted, givenUrl } = chooseScripted(process.env, options.scripted);
    if (isScripted && givenUrl === undefined) provider = await startProvider();

    // Another copy may be starting too: then the gateway that is later finds the port taken, and uses another one.
    const firstPort = await (options.port === undefined
      ? chooseHttpPort(wantedPort, host, say, readLastPort(home))
      : freePort(options.port));
    const isFixed = options.port === undefined && Number(wantedPort || 0) !== 0;
    const logLevel = options.logLevel ?? (process.env['CAUSEWAY_LOG_LEVEL'] || 'info');
    const scriptedProviderUrl = provider?.url ?? givenUrl;
    const certificate = await chooseCertificate(process.env, home.folder, host, options.https);
    if (certificate) endRenewal = renewWhileRunning(home.folder, host, certificate, say);
    const scheme = certificate ? 'https' : 'http';
    const given = { home, servers, databaseUrls, logLevel, apiKey, scriptedProviderUrl, certificate };
    for (const [index, { name, service }] of plan({ executor: executors, gateway: gateways }).entries()) {
      const http =
        name === 'gateway'
          ? ({ scheme, host, port: firstPort, isFixed } as const)
          : ({ scheme, host, port: await freePort(), isFixed: false } as const);
      const environment = { ...serviceEnvironment(service, given), ...options.environment?.[service] };
      const logFile = join(home.logs, `${name}.log`);
      const relay = options.relay && { relay: options.relay };
      services.set(
        name,
        new ServiceProcess({
          name,
          service,
          program: programOf(service),
          environment,
          logFile,
          changed: recordChange,
          say,
          ...relay,
          ...(service === 'gateway' && { http }),
          ...(firstInternalPort !== undefined && { internalPort: firstInternalPort + index }),
        }),
      );
    }
    await startAll([...services.values()], say, signal);
    const urls = [...services.values()].flatMap((each) => each.url ?? []);
    const [url = ''] = urls;
    const certFile = certificate?.certFile;
    ready = { ...ready, url, apiKey, ...(certFile !== undefined && { certFile }) };
    writeLastPort(home, Number(new URL(url).port));
    record();
    const pids = (): Record<string, number> => {
      const running = [...services.values(), ...started].flatMap((each) => each.process ?? []);
      return Object.fromEntries([
        ['stack', process.pid],
        ...running.map(({ name, pid }) => [name, pid] as const),
      ]);
    };
    return {
      url,
      urls,
      apiKey,
      home: home.folder,
      certFile,
      servers,
      services,
      databaseUrls,
      scriptedProvider: provider,
      isScripted,
      pids,
      stopWait: () => findStopWait(url, apiKey, certFile),
      stop: once(() => end('stop')),
      kill: once(() => end('kill')),
    };
  } catch (error) {
    await end('stop');
    throw error;
  }
}

/**
 * Services in the order in which they stop: first the gateway, which sends no new work, then executors, which end their runs with the help
 * of the others and report them, and audit last, since all others report to it.
 */
function stopStages(all: readonly ServiceProcess[]): ServiceProcess[][] {
  const stageOf = ({ service }: ServiceProcess): number =>
    ({ gateway: 0, executor: 1, audit: 3 })[service] ?? 2;
  return [0, 1, 2, 3].map((stage) => all.filter((service) => stageOf(service) === stage));
}

/** The service processes to start: one per folder with a built main, or as many as requested. */
function plan(wished: Readonly<Record<string, number>>): { name: string; service: string }[] {
  const folder = join(ROOT, 'services');
  const services = readdirSync(folder)
    .sort()
    .filter((service) => existsSync(programOf(service)));
  if (!services.includes('gateway')) throw new Error('the services are not built: run npm run build');
  return services.flatMap((service) =>
    Array.from({ length: wished[service] ?? 1 }, (_, index) => ({
      name: index === 0 ? service : `${service}-${index + 1}`,
      service,
    })),
  );
}

function programOf(service: string): string {
  return join(ROOT, 'services', service, 'dist/main.js');
}

async function startAll(
  services: readonly ServiceProcess[],
  say: Say,
  signal: AbortSignal | undefined,
): Promise<void> {
  const starting = services.map(async (service) => {
    const lap = stopwatch();
    await service.start(signal);
    say(`  ${service.name} is ready (${lap()})`);
  });
  const failed = (await Promise.allSettled(starting)).find((outcome) => outcome.status === 'rejected');
  if (failed) throw failed.reason;
}

/** Loaded only here: tests use this package's servers without it. */
async function startProvider(): Promise<ScriptedProvider> {
  const { startScriptedProvider } = await import('@causeway/scripted-provider');
  return startScriptedProvider();
}

/** Seconds since the last call. */
function stopwatch(): () => string {
  let last = performance.now();
  return () => {
    const now = performance.now();
    const text = `${((now - last) / 1000).toFixed(1)} s`;
    last = now;
    return text;
  };
}

function once(act: () => Promise<void>): () => Promise<void> {
  let doing: Promise<void> | undefined;
  return () => (doing ??= act());
}
