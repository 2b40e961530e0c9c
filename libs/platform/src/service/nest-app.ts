import type { DynamicModule, INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestMicroservice } from '@nestjs/microservices';
import type { FastifyRequest } from 'fastify';
import { ErrorFilter } from '../http/error-filter.js';
import { exposedHeaders } from '../http/exposed-headers.js';
import { type CorsOriginCheck, DEFAULT_BODY_LIMIT_BYTES, type HttpOptions } from '../http/http-options.js';
import type { RedirectServer } from '../http/tls/redirect-server.js';
import type { ServedCertificate } from '../http/tls/served-certificate.js';
import { log } from '../logging/log.js';
import { nestLog } from '../logging/nest-log.js';
import { RefusalLog } from '../logging/refusal-log.js';
import type { ContractServer } from '../messaging/servers/contract-server.js';
import type { PlatformSettings } from '../settings/platform-settings.js';

/** The Nest application of a service, with or without a public HTTP side. */
export interface NestApp {
  readonly context: INestApplicationContext;
  /** Begins to take messages, then HTTP requests. @returns the HTTP port */
  listen(): Promise<number | undefined>;
  /** Stops taking messages and requests; settles when all that were taken are answered. */
  stopTaking(): Promise<void>;
  close(): Promise<void>;
}

/** A caller's headers must arrive within one and a half times this time, or the connection ends with 408. */
const HEADERS_TIMEOUT_MS = 20_000;

/** The time for a TLS handshake. */
const HANDSHAKE_TIMEOUT_MS = 10_000;

const quiet = { logger: nestLog, abortOnError: false };

/** The application of a service without an HTTP port. */
export async function createMessageApp(module: DynamicModule, strategy: ContractServer): Promise<NestApp> {
  // The interface that the factory returns hides `registerModules`.
  const app = (await NestFactory.createMicroservice(module, { strategy, ...quiet })) as NestMicroservice;
  const refusals = new RefusalLog();
  app.useGlobalFilters(new ErrorFilter(0, '', refusals));
  // `init` would call each lifecycle hook twice: every timer would exist twice, and every subscription.
  await app.registerModules();
  return {
    context: app,
    listen: async () => {
      await app.listen();
      return undefined;
    },
    stopTaking: () => strategy.drain(),
    close: () => app.close(),
  };
}

/** The application of a service with an HTTP port. */
export async function createHttpApp(
  module: DynamicModule,
  strategy: ContractServer,
  http: HttpOptions,
  settings: PlatformSettings,
  name: string,
): Promise<NestApp> {
  const { FastifyAdapter } = await import('@nestjs/platform-fastify');
  const { addRequestContext, pathOfTarget } = await import('../http/request-context.js');
  const { noteBrokenAnswers } = await import('../http/broken-answers.js');
  const { answerBadPath, answerExpectation, answerUnreadable } = await import('../http/unrouted-errors.js');
  type App = import('@nestjs/platform-fastify').NestFastifyApplication;
  const bodyLimit = http.bodyLimitBytes ?? DEFAULT_BODY_LIMIT_BYTES;
  const trustProxy = (http.trustProxy ?? false) as boolean | string | string[];
  const refusals = new RefusalLog();
  const certificate =
    http.tls && (await (await import('../http/tls/served-certificate.js')).ServedCertificate.open(http.tls));
  // There is no time limit for a whole request here: an upload may be slow, and each service has its own limits.
  const server = {
    headersTimeout: HEADERS_TIMEOUT_MS,
    connectionsCheckingInterval: HEADERS_TIMEOUT_MS / 2,
    // A request without a host is refused like any other mistake, and not by Node with a bare status.
    requireHostHeader: false,
  };
  let isStopping = false;
  const adapter = new FastifyAdapter({
    bodyLimit,
    trustProxy,
    ...(certificate
      ? { https: { ...server, ...certificate.current.context, handshakeTimeout: HANDSHAKE_TIMEOUT_MS } }
      : { http: server }),
    routerOptions: { maxParamLength: 1_000, ignoreTrailingSlash: true },
    // Its answer would have neither our shape nor an id; ours is in `addRequestContext`.
    return503OnClosing: false,
    rewriteUrl: ({ url = '' }) => pathOfTarget(url),
    frameworkErrors: answerBadPath(refusals),
    clientErrorHandler: answerUnreadable(refusals),
  });
  const fastify = adapter.getInstance();
  fastify.server.on('checkExpectation', answerExpectation(refusals));
  addRequestContext(fastify as never, {
    traceRatio: settings.traceRatio,
    trustTraceparent: http.trustTraceparent ?? false,
    service: name,
    isStopping: () => isStopping,
  });
  noteBrokenAnswers(fastify as never);
  const app = await NestFactory.create<App>(module, adapter, quiet);
  const listener = await http.noteErrors?.(app);
  app.useGlobalFilters(
    new ErrorFilter(bodyLimit, http.bodyLimitName ?? 'bodyLimitBytes', refusals, {
      listener,
      page: await http.errorPage?.(),
    }),
  );
  // Not Nest's `enableCors`, whose answers would have no request id and none of the headers of other answers.
  const isFurther = await http.isCorsOrigin?.(app);
  if (isFurther || (http.corsOrigins && http.corsOrigins.length > 0)) {
    const { default: cors } = await import('@fastify/cors');
    await app.register(
      withoutOptionsRoute(cors as never) as never,
      corsDelegate(http.corsOrigins ?? [], isFurther) as never,
    );
  }
  await http.configure?.(app);
  app.connectMicroservice({ strategy }, { inheritAppConfig: true });
  await app.init();
  let redirect: RedirectServer | undefined;
  return {
    context: app,
    listen: async () => {
      await app.startAllMicroservices();
      await app.listen(http.port, http.host);
      const address = app.getHttpServer().address();
      const port = typeof address === 'object' && address ? address.port : undefined;
      if (!certificate || port === undefined) return port;
      certificate.follow(fastify.server as never);
      if (http.redirectPort !== undefined) redirect = await startRedirect(http, port, certificate, refusals);
      return port;
    },
    stopTaking: async () => {
      isStopping = true;
      // A caller keeps its connection open after the answer, and the server would wait for it to end.
      const idle = setInterval(() => fastify.server.closeIdleConnections(), 50);
      await Promise.all([strategy.drain(), fastify.close(), redirect?.close()]).finally(() =>
        clearInterval(idle),
      );
    },
    close: () => {
      certificate?.close();
      return app.close().finally(() => refusals.close());
    },
  };
}

async function startRedirect(
  { host, redirectPort = 0, publicUrl }: HttpOptions,
  httpsPort: number,
  certificate: ServedCertificate,
  refusals: RefusalLog,
): Promise<RedirectServer> {
  const { startRedirectServer } = await import('../http/tls/redirect-server.js');
  const isOwnName = (name: string): boolean => certificate.current.covers(name);
  const server = await startRedirectServer({
    host,
    port: redirectPort,
    httpsPort,
    publicUrl,
    isOwnName,
    refusals,
  });
  log.info({ redirectPort: server.port, httpsPort }, 'plain http is redirected');
  return server;
}

type Plugin = (instance: object, options: unknown, done: () => void) => void;

/**
 * The plugin for CORS answers in a hook, and also adds a route for OPTIONS to every path. That route would exist before Nest sets the error
 * handler, so what is refused there would be a bare error; without it, OPTIONS is a method that no route has.
 */
function withoutOptionsRoute(plugin: Plugin): Plugin {
  const add: Plugin = (instance, options, done) =>
    plugin(Object.create(instance, { options: { value: () => instance } }) as object, options, done);
  return Object.assign(add, { [Symbol.for('skip-override')]: true });
}

/**
 * Decides about each request. A request before the request (a preflight) is also allowed to origins that `isFurther` knows. Other origins
 * get no answer to a preflight and no CORS header at all, whatever they send.
 */
function corsDelegate(origins: readonly string[], isFurther?: CorsOriginCheck) {
  const listed = new Set(origins);
  return {
    delegator: async (request: FastifyRequest) => {
      const { origin } = request.headers;
      const isPreflight = request.method === 'OPTIONS';
      const isAllowed =
        origin !== undefined &&
        (listed.has(origin) || (isPreflight && (await isFurther?.(origin, request.ip)) === true));
      return corsOptions(isAllowed ? origin : false);
    },
  };
}

function corsOptions(allowed: string | false) {
  return {
    // As a function, so that caches are told that the answer depends on the origin.
    origin: (_origin: string | undefined, done: (error: null, allowed: string | false) => void) =>
      done(null, allowed),
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    credentials: false,
    strictPreflight: false,
    exposedHeaders: [...exposedHeaders],
    maxAge: 600,
  };
}
