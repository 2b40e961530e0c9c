import type { CausewayError } from '@causeway/dag';
import type { INestApplicationContext } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import type { CertificateFiles } from './tls/certificate.js';

/** Is called with an error before it is answered, in the context of its request. */
export type ErrorListener = (error: CausewayError, request: FastifyRequest) => void;

/** The answer to an error in the form of a page; undefined where the answer is no page. */
export type ErrorPage = (
  error: CausewayError,
  request: FastifyRequest,
) =>
  | {
      readonly status: number;
      readonly headers: Readonly<Record<string, string | string[]>>;
      readonly body: string;
    }
  | undefined;

/** Whether pages of an origin may call; `address` is where the request comes from. */
export type CorsOriginCheck = (origin: string, address: string) => Promise<boolean>;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Name of the setting of the route's own body limit, for the error. */
    bodyLimitName?: string;
  }
}

/** Options of a service's public HTTP server. */
export interface HttpOptions {
  readonly host: string;
  /** 0 means a free port. */
  readonly port: number;
  /** @default 1 MiB */
  readonly bodyLimitBytes?: number;
  /** Name of the setting of `bodyLimitBytes`, for the error. @default 'bodyLimitBytes' */
  readonly bodyLimitName?: string;
  /** Origins whose web pages may call; none by default. */
  readonly corsOrigins?: readonly string[];
  /**
   * Makes what says of which further origins pages may call. It is asked only before a page sends its request; whoever answers that request
   * decides which page may read the answer. Nothing has counted the request by then, so it also gets the address, to limit what it does for one.
   */
  readonly isCorsOrigin?: (app: INestApplicationContext) => Promise<CorsOriginCheck>;
  /** Whether `x-forwarded-*` headers are trusted, and from which proxies. @default false */
  readonly trustProxy?: boolean | string | readonly string[];
  /** Whether a caller's `traceparent` is used; otherwise each request begins a new trace. @default false */
  readonly trustTraceparent?: boolean;
  /** Serves HTTPS instead of HTTP, with these files. */
  readonly tls?: CertificateFiles | undefined;
  /** In addition a port with plain HTTP that only redirects to HTTPS. Only with `tls`. */
  readonly redirectPort?: number | undefined;
  /** Where callers reach the server, for redirects. @default the name that the caller used, if the certificate has it */
  readonly publicUrl?: string | undefined;
  /** Returns a listener that is called with every error that is answered. */
  readonly noteErrors?: (app: NestFastifyApplication) => Promise<ErrorListener>;
  /** Answers errors of pages. */
  readonly errorPage?: () => Promise<ErrorPage>;
  /** Registers Fastify plugins and hooks, before routes. */
  readonly configure?: (app: NestFastifyApplication) => Promise<void> | void;
}

export const DEFAULT_BODY_LIMIT_BYTES = 1024 * 1024;
