import type { Span, SpanKind } from '@opentelemetry/api';

export type SpanAttributes = Readonly<Record<string, string | number | boolean | undefined>>;

export interface SpanOptions {
  /** @default internal */
  readonly kind?: SpanKind;
}

/**
 * Runs `fn` within a span named `<noun>.<verb>`. Nothing is made when the current request is not traced: then `fn` gets
 * undefined. A throw marks the span as failed and travels on.
 */
export function span<T>(
  _name: string,
  _attributes: SpanAttributes,
  fn: (span: Span | undefined) => T,
  _options: SpanOptions = {},
): T {
  return fn(undefined);
}
