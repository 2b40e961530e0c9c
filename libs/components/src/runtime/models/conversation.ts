import type { Json, JsonObject } from '@causeway/dag';

/** A call of a tool, as a model asks for it. */
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
 * One turn of a conversation, as JSON: it is part of a step's request and answer, so that a resumed run can go on from it.
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

/** What a model said. */
export interface AssistantTurn {
  readonly role: 'assistant';
  readonly text: string;
  /** The provider's own blocks, where text and calls alone would lose what it needs back. */
  readonly content?: readonly Json[];
  readonly toolCalls?: readonly ToolCall[];
  readonly badToolCalls?: readonly BadToolCall[];
  /** Opaque marks that the provider needs back. */
  readonly marks?: JsonObject;
  /** The model stopped for length, so that the answer may lack its end. */
  readonly finishReason?: 'length';
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

/** Turns and offers are built of JSON only; interfaces merely lack the index signature that says so. */
export function asJson(value: Turn | readonly Turn[] | readonly ToolOffer[]): Json {
  return value as unknown as Json;
}
