import type { Json, JsonObject } from '@causeway/dag';

/** A call of a tool, as a model requests it. */
export interface ToolCall {
  readonly id: string;
  readonly name: string;
  readonly args: JsonObject;
}

/** A call of a tool whose arguments are no JSON object. */
export interface BadToolCall {
  readonly id: string;
  readonly name: string;
}

/**
 * One turn of a conversation, as JSON: it is part of a step's request and answer, so that a resumed run can continue
 * with it.
 */
export type Turn =
  | { readonly role: 'system'; readonly text: string }
  /** `files`: paths of uploaded files; images among them are shown to the model. */
  | { readonly role: 'user'; readonly text: string; readonly files?: readonly string[] }
  | AssistantTurn
  | {
      readonly role: 'tool';
      readonly callId: string;
      readonly name: string;
      readonly text: string;
      readonly failed?: boolean;
    };

/**
 * Why the end of an answer may be missing: the model stopped because of length, or the provider's filter or the model's
 * own refusal stopped it. Named as in OpenAI's protocol.
 */
export type CutReason = 'length' | 'content_filter';

/** The answer of a model. */
export interface AssistantTurn {
  readonly role: 'assistant';
  readonly text: string;
  /** The provider's own blocks, if text and calls alone would lose what it needs to receive again. */
  readonly content?: readonly Json[];
  readonly toolCalls?: readonly ToolCall[];
  readonly badToolCalls?: readonly BadToolCall[];
  /** Opaque marks that the provider needs to receive again. */
  readonly marks?: JsonObject;
  /** Only of an answer that may be incomplete. */
  readonly finishReason?: CutReason;
  /** Tokens as the provider counted them; absent when it did not. */
  readonly usage?: { readonly input: number; readonly output: number };
}

/** A tool as it is offered to a model. */
export interface ToolOffer {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of the arguments: an object. */
  readonly parameters: JsonObject;
}

/** Turns and offers contain only JSON; but interfaces have no index signature that says so. */
export function asJson(value: Turn | readonly Turn[] | readonly ToolOffer[]): Json {
  return value as unknown as Json;
}
