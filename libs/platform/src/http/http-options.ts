import type { CausewayError } from '@causeway/dag';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';

/** Hears of an error before it is answered, in the context of its request. */
export type ErrorListener = (error: CausewayError, request: FastifyRequest) => void;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Name of the setting behind the route's own body limit, for the error. */
    bodyLimitName?: string;
  }
}

/** The public HTTP side of a service. */
export interface HttpOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** @default 1 MiB */
  readonly bodyLimitBytes?: number;
  /** Name of the setting behind `bodyLimitBytes`, for the error. @default 'bodyLimitBytes' */
  readonly bodyLimitName?: string;
  /** Origins whose pages may call; none by default. */
  readonly corsOrigins?: readonly string[];
  /** Whether `x-forwarded-*` is believed, and from whom. @default false */
  readonly trustProxy?: boolean | string | readonly string[];
  /** Whether a caller's `traceparent` is taken over; otherwise each request is a trace of its own. @default false */
  readonly trustTraceparent?: boolean;
  /** Gives who hears of every error that is answered. */
  readonly noteErrors?: (app: NestFastifyApplication) => Promise<ErrorListener>;
  /** Registers Fastify plugins and hooks, before routes. */
  readonly configure?: (app: NestFastifyApplication) => Promise<void> | void;
}

export const DEFAULT_BODY_LIMIT_BYTES = 1024 * 1024;
