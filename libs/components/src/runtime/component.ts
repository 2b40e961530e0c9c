import type { Json, JsonObject, PlanNode, RunCommand } from '@causeway/dag';
import type { Dispatcher } from 'undici';
import type { Value } from '../specs/values.js';
import type { RunSecrets } from './secrets/run-secrets.js';

/**
 * An output that cannot be journaled: a model, a tool, an embedding. It is made again from the node's settings on
 * resume.
 */
export interface Handle {
  readonly kind: 'handle';
  /** LanguageModel, Tool, Embeddings… */
  readonly type: string;
  /** The live object; `type` says of which class it is. */
  readonly object: unknown;
}

/** The value of a node's field when the node runs: its own JSON, or what came over edges (an array for list fields). */
export type FieldInput = Json | Value | Handle | readonly (Json | Value | Handle)[] | undefined;

/** The result of a component. */
export interface ComponentResult {
  /** By output name; every requested output is present unless `closedOutputs` names it. */
  readonly outputs: Readonly<Record<string, Value | Handle>>;
  /** Outputs that a router stopped: nodes that only they lead to do not run. */
  readonly closedOutputs?: readonly string[];
  /** Length of a Loop's list, in phase `open`. */
  readonly items?: number;
}

/** A call inside a node that has its own journal row, so that a resumed run does not make it again. */
export interface StepCall {
  readonly kind: 'model' | 'tool';
  readonly name: string;
  /** The request as JSON: its hash decides whether a journaled answer still fits. It must not contain secrets. */
  readonly request: Json;
  readonly effects: 'none' | 'idempotent' | 'keyed' | 'unsafe';
  /** Makes the call. `idempotencyKey` is the same on every attempt. The answer must be JSON. */
  readonly call: (attempt: StepAttempt) => Promise<StepAnswer>;
}

/** What a call inside a node may use while it runs. */
export interface StepAttempt {
  readonly idempotencyKey: string;
  readonly signal: AbortSignal;
  /**
   * Makes steps inside this one (a tool that itself calls models or tools), with paths below its own: `node/n/m`.
   * Without it these calls are made but not journaled.
   */
  readonly step?: (call: StepCall) => Promise<StepAnswer>;
}

export interface StepAnswer {
  readonly answer: Json;
  readonly tokens?: TokenUsage;
  readonly model?: string;
}

export interface TokenUsage {
  readonly input: number;
  readonly output: number;
}

/** A chat message to store or show. Its id is derived from run and path, so a resumed run stores no message twice. */
export interface StoredMessage {
  readonly id: string;
  readonly text: string;
  readonly sender: string;
  readonly senderName: string;
  readonly sessionId: string;
  readonly contextId: string;
  readonly files: readonly string[];
  readonly timestamp: string;
  readonly error: boolean;
  readonly category: string;
  readonly properties: JsonObject;
  readonly contentBlocks: readonly Json[];
}

/** Everything that a component may use. The executor makes one for each start of a node; tests make their own. */
export interface ComponentContext {
  readonly node: PlanNode;
  /** The step's path; ids are derived from it. */
  readonly path: string;
  readonly runId: string;
  readonly flowId: string;
  readonly flowName: string;
  readonly sessionId: string;
  readonly start: Extract<RunCommand, { type: 'start' }>;
  /**
   * Fields after tweaks, variables and edges: live objects and values as they came. When a Loop closes, `item` (the
   * field of its feedback edge) is the list of the iterations' results, in order.
   */
  readonly inputs: Readonly<Record<string, FieldInput>>;
  /** Aborted on cancel, deadline and lost lease. Every call to the outside must end with it. */
  readonly signal: AbortSignal;
  /** Database time at the start of the step, ISO: the only clock a component has. */
  readonly now: string;
  /** Calls are journaled in order; on resume the journaled answer is returned without a call. */
  step(call: StepCall): Promise<StepAnswer>;
  /** Sends tokens and other frames to clients that watch the run. Never journaled, may be lost. */
  emit(event: string, data: Json): void;
  readonly chat: ChatHistory;
  readonly files: FileReader;
  readonly models: ModelSettings;
  readonly http: GuardedHttp;
  /** The run's secrets, which `http` and model calls send only where they are allowed. */
  readonly secrets: RunSecrets;
  /** Whether a client reads tokens as they come. @default true */
  readonly watched?: boolean;
  /** Variables that the request itself brought, by upper-case name. */
  readonly requestVariables?: Readonly<Record<string, string>>;
  /** Fields whose values came with the request, by tweak or variable, with the flow's own values. */
  readonly requestFields: ReadonlyMap<string, Json>;
  /** Value by name of a variable that is stored or that the platform offers; never one of the request. */
  findVariable(name: string): Promise<string | undefined>;
  readonly log: (fields: Record<string, unknown>, event: string) => void;
}

export interface ChatHistory {
  /** The id of the message that this node stores, or that `nodeId` (a later chat output) will store. */
  messageId(nodeId?: string): string;
  /** Stores the message with the step's commit, and replaces one with the same id. */
  store(message: StoredMessage): void;
  /** Newest `limit` of a session, oldest first, including what this run has stored so far. */
  list(filter: {
    sessionId: string;
    contextId?: string;
    limit: number;
    order?: 'asc' | 'desc';
    sender?: string;
    senderName?: string;
  }): Promise<readonly StoredMessage[]>;
}

export interface FileReader {
  /** An uploaded file of this team, by the path that a flow uses for it. FILE_UNKNOWN when there is none. */
  read(path: string): Promise<{ readonly bytes: Uint8Array; readonly name: string }>;
}

/** The models to use when a node names none. */
export interface ModelSettings {
  /** Set only by the start script and tests: a node without model or key then calls this address. */
  readonly scriptedProviderUrl?: string;
  /** The platform's own keys by provider name in lower case (openai, anthropic, google, ollama, groq…). */
  readonly providerKeys: Readonly<Record<string, string>>;
  /** Base URLs of providers that replace their public ones. */
  readonly providerBaseUrls: Readonly<Record<string, string>>;
  readonly defaultModel?: { readonly provider: string; readonly model: string };
  /** A call ends when the provider sends no byte for this time, in milliseconds. */
  readonly idleTimeoutMs: number;
  /** Output tokens that a call may still use: the run's max_tokens minus those used. */
  remainingTokens(): number;
  /** The run's max_tokens, for the error that names it. */
  readonly tokenLimit?: number;
  /** The dispatcher of `createGuardedHttp` for addresses that a flow names. @default public addresses only */
  readonly outbound?: Dispatcher;
}

/**
 * `fetch` that resolves names, checks and pins addresses, and checks redirects again: only public addresses unless
 * allowed. ADDRESS_REFUSED otherwise.
 */
export type GuardedHttp = (
  url: string,
  init: {
    method?: string;
    headers?: Record<string, string>;
    body?: string | Uint8Array;
    timeoutMs?: number;
    maxBytes?: number;
    followRedirects?: boolean;
    signal: AbortSignal;
  },
) => Promise<{
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly url: string;
}>;

/** How a component runs. One per spec, of the same type. */
export interface ComponentRuntime {
  readonly type: string;
  run(context: ComponentContext): Promise<ComponentResult>;
}
