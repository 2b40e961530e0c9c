import type { Json, JsonObject } from '@causeway/dag';

/**
 * The values that edges carry and the journal keeps. Each is plain JSON with a `kind`, so that the journal can store it
 * byte for byte. Shapes follow Langflow's schema types of the same names.
 */
export type Value = MessageValue | DataValue | TableValue | PlainValue;

/** A chat message, or any text between nodes. */
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
  /** Langflow's free-form keys: icon, colours, source, state, usage… */
  readonly properties?: JsonObject;
  /** Steps that an agent shows: `{title, contents:[…]}`. */
  readonly contentBlocks?: readonly Json[];
  /** Anything else that a Message of Langflow may have beside its text. */
  readonly data?: JsonObject;
}

/** Langflow's Data, called JSON since 1.8. */
export interface DataValue {
  readonly kind: 'data';
  readonly data: JsonObject;
  /** @default 'text' */
  readonly textKey?: string;
  readonly defaultValue?: string;
}

/** Langflow's DataFrame, called Table since 1.8: rows of one shape. */
export interface TableValue {
  readonly kind: 'table';
  readonly rows: readonly JsonObject[];
}

/** Anything else: a list of values, a number, free JSON. */
export interface PlainValue {
  readonly kind: 'plain';
  readonly value: Json | readonly Value[];
}
