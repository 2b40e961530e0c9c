import type { JsonObject } from '@causeway/dag';
import type { TransportOptions } from '../providers/transport.js';

/** Everything that a client is made from; equal options share one client. */
export interface ClientOptions {
  readonly baseUrl: string;
  /** Undefined if the provider needs none. */
  readonly key: string | undefined;
  readonly model: string;
  readonly parameters: ModelParameters;
  readonly transport: TransportOptions;
}

/** Settings of a model that a node may make. A protocol leaves out those that it does not have. */
export interface ModelParameters {
  readonly temperature?: number;
  readonly topP?: number;
  readonly topK?: number;
  readonly seed?: number;
  readonly stop?: readonly string[];
  /** Answer with a JSON object. */
  readonly jsonMode?: boolean;
  /** JSON Schema that the answer must fit, if the protocol has a setting for it. */
  readonly format?: JsonObject;
  /** Further members of the request, as the protocol names them. */
  readonly extra?: JsonObject;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A tool in the form that all of LangChain's models understand. */
export interface OpenAITool {
  readonly type: 'function';
  readonly function: { readonly name: string; readonly description: string; readonly parameters: JsonObject };
}
