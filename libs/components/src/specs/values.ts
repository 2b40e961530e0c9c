import type { Json, JsonObject } from '@causeway/dag';

/**
 * The values that edges carry and the journal keeps. Each is plain JSON with a `kind`, so that it survives the journal
 * byte for byte. Shapes follow Langflow's schema types of the same names.
 */
export type Value = MessageValue | DataValue | TableValue | PlainValue;

/** A chat message, or any text on its way. */
export interface MessageValue {
  readonly kind: 'message';
  readonly text: string;
  readonly sender?: string;
  readonly senderName?: string;
  readonly sessionId?: string;
  readonly contextId?: string;
  /** Paths of uploaded files. */
  readonly files?: readonly string[];
  readonly error?: boolean;
  readonly category?: string;
  /** Upstream's free-form keys: icon, colours, source, state, usage… */
  readonly properties?: JsonObject;
  /** Steps that an agent shows: `{title, contents:[…]}`. */
  readonly contentBlocks?: readonly Json[];
  /** Anything else an upstream Message may hold beside its text. */
  readonly data?: JsonObject;
}

/** Upstream's Data, called JSON since 1.8. */
export interface DataValue {
  readonly kind: 'data';
  readonly data: JsonObject;
  /** @default 'text' */
  readonly textKey?: string;
  readonly defaultValue?: string;
}

/** Upstream's DataFrame, called Table since 1.8: rows of one shape. */
export interface TableValue {
  readonly kind: 'table';
  readonly rows: readonly JsonObject[];
}

/** Anything else: a list of values, a number, free JSON. */
export interface PlainValue {
  readonly kind: 'plain';
  readonly value: Json | readonly Value[];
}
