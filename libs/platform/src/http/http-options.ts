import type { NestFastifyApplication } from '@nestjs/platform-fastify';

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
  /** Registers Fastify plugins and hooks, before routes. */
  readonly configure?: (app: NestFastifyApplication) => Promise<void> | void;
}

export const DEFAULT_BODY_LIMIT_BYTES = 1024 * 1024;
