import type { Json, PlanField, PlanNode } from '@causeway/dag';
import type {
  ComponentContext,
  FieldInput,
  GuardedHttp,
  ModelSettings,
  StepAnswer,
  StepCall,
  StoredMessage,
} from './component.js';
import type { Secret } from './secrets/secret.js';
import type { GuardedHttpClient } from './guarded-http.js';

/** The environment of a component under test. Every member has a default. */
export interface TestOptions {
  /** The node's own values. */
  readonly fields?: Readonly<Record<string, Json>>;
  /** Values that come over edges; they override `fields`. */
  readonly inputs?: Readonly<Record<string, FieldInput>>;
  /** Requested outputs. @default all of the spec, or `component_as_tool` in tool mode */
  readonly outputs?: readonly string[];
  readonly phase?: 'open' | 'close';
  /** @default 1 */
  readonly visit?: number;
  /** Other members of the node: `toolMode`, `streamsTo`, `displayName`, `outputs`… */
  readonly node?: Partial<PlanNode>;
  /** Further members of the plan's fields, as `filePath`. */
  readonly planFields?: Readonly<Record<string, Partial<PlanField>>>;
  /** Uploaded files by path. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** Messages that the session has already, oldest first. */
  readonly history?: readonly StoredMessage[];
  /** @default fails: a test names the calls that it expects */
  readonly http?: GuardedHttp;
  /** Used instead of `http`: also checks the secrets of the run. */
  readonly door?: GuardedHttpClient;
  readonly models?: Partial<ModelSettings>;
  readonly variables?: Readonly<Record<string, string>>;
  /** Secrets beside those of the node and of the providers' variables. */
  readonly secrets?: readonly Secret[];
  /** The list that is stored beside the flow. */
  readonly allowedHosts?: readonly string[];
  /** Answers of steps that an earlier attempt made, by canonical JSON of `[name, request]`. */
  readonly journal?: ReadonlyMap<string, StepAnswer>;
  readonly signal?: AbortSignal;
  /** Further members of the context. */
  readonly context?: Partial<ComponentContext>;
}

/** The effects of a component under test. */
export interface TestRecord {
  readonly stored: StoredMessage[];
  readonly emitted: { readonly event: string; readonly data: Json }[];
  readonly steps: StepCall[];
  readonly logs: { readonly event: string; readonly fields: Record<string, unknown> }[];
}
