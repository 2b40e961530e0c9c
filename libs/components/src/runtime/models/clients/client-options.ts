import type { JsonObject } from '@causeway/dag';
import type { TransportOptions } from '../providers/transport.js';

/** Everything a client is made from; two that are equal share one. */
export interface ClientOptions {
  readonly baseUrl: string;
  /** Undefined where the provider wants none. */
  readonly key: string | undefined;
  readonly model: string;
  readonly parameters: ModelParameters;
  readonly transport: TransportOptions;
}

/** Settings of a model that a node may make. What a protocol does not know it leaves out. */
export interface ModelParameters {
  readonly temperature?: number;
  readonly topP?: number;
  readonly topK?: number;
  readonly seed?: number;
  readonly stop?: readonly string[];
  /** Answer with a JSON object. */
  readonly jsonMode?: boolean;
  /** JSON Schema that the answer must fit, where the protocol has such a setting of its own. */
  readonly format?: JsonObject;
  /** More members of the request, in the protocol's own words. */
  readonly extra?: JsonObject;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A tool in the form that each of LangChain's models understands. */
export interface OpenAITool {
  readonly type: 'function';
  readonly function: { readonly name: string; readonly description: string; readonly parameters: JsonObject };
}
