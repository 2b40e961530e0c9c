import type { Json, JsonObject, PlanNode, RunCommand } from '@causeway/dag';
import type { Dispatcher } from 'undici';
import type { Value } from '../specs/values.js';
import type { RunSecrets } from './secrets/run-secrets.js';

/** An output that cannot be journaled: a model, a tool, an embedding. Rebuilt from the node's settings on resume. */
export interface Handle {
  readonly kind: 'handle';
  /** LanguageModel, Tool, Embeddings… */
  readonly type: string;
  /** The live object; components agree on its class by `type`. */
  readonly object: unknown;
}

/** What a field of a node holds when the node runs: its own JSON, or what came over edges (an array for list fields). */
export type FieldInput = Json | Value | Handle | readonly (Json | Value | Handle)[] | undefined;

/** What a component gives back. */
export interface ComponentResult {
  /** By output name; every output asked for is present unless `closedOutputs` names it. */
  readonly outputs: Readonly<Record<string, Value | Handle>>;
  /** Outputs that a router stopped: what lies behind them only is not run. */
  readonly closedOutputs?: readonly string[];
  /** Length of a Loop's list, in phase `open`. */
  readonly items?: number;
}

/** A call inside a node that is journaled by itself, so that a resumed run does not make it again. */
export interface StepCall {
  readonly kind: 'model' | 'tool';
  readonly name: string;
  /** What is asked, as JSON: its hash decides whether a journaled answer still fits. No secrets in it. */
  readonly request: Json;
  readonly effects: 'none' | 'idempotent' | 'keyed' | 'unsafe';
  /** Makes the call. `idempotencyKey` is the same on every attempt. The answer must be JSON. */
  readonly call: (attempt: StepAttempt) => Promise<StepAnswer>;
}

/** What a call inside a node may use while it is made. */
export interface StepAttempt {
  readonly idempotencyKey: string;
  readonly signal: AbortSignal;
  /**
   * Steps inside this one (a tool that itself calls models or tools), with paths below its own: `node/n/m`. Without it they
   * are made, but not journaled.
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

/** A chat message to store or show. Ids derive from (run, path), so a resume never doubles history. */
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

/** All that a component may touch. The executor makes one per start of a node; tests make their own. */
export interface ComponentContext {
  readonly node: PlanNode;
  /** The step's path; ids derive from it. */
  readonly path: string;
  readonly runId: string;
  readonly flowId: string;
  readonly flowName: string;
  readonly sessionId: string;
  readonly start: Extract<RunCommand, { type: 'start' }>;
  /**
   * Fields after tweaks, variables and edges: handles and values as they came. When a Loop closes, `item` (the field of its
   * feedback edge) is the list of what the iterations gave, in order.
   */
  readonly inputs: Readonly<Record<string, FieldInput>>;
  /** Aborted on cancel, deadline and lost lease. Every call outside must end with it. */
  readonly signal: AbortSignal;
  /** Database time at the start of the step, ISO: the only clock a component has. */
  readonly now: string;
  /** In journal order; on resume the journaled answer comes back without a call. */
  step(call: StepCall): Promise<StepAnswer>;
  /** Tokens and other frames for whoever watches. Never journaled, may be lost. */
  emit(event: string, data: Json): void;
  readonly chat: ChatHistory;
  readonly files: FileReader;
  readonly models: ModelSettings;
  readonly http: GuardedHttp;
  /** The run's secrets, which `http` and model calls let go only where they may. */
  readonly secrets: RunSecrets;
  /** Somebody reads tokens as they come. @default true */
  readonly watched?: boolean;
  /** Variables that the request itself brought, by upper-case name. */
  readonly requestVariables?: Readonly<Record<string, string>>;
  /** Fields whose values came with the request, by tweak or variable, with what the flow itself has there. */
  readonly requestFields: ReadonlyMap<string, Json>;
  /** Value by name of a variable that is stored or that the platform offers; never one of the request. */
  findVariable(name: string): Promise<string | undefined>;
  readonly log: (fields: Record<string, unknown>, event: string) => void;
}

export interface ChatHistory {
  /** The id of the message that this node stores, or that `nodeId` (a chat output further on) will store. */
  messageId(nodeId?: string): string;
  /** Stores with the step's commit. The same id again replaces. */
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
  /** An uploaded file of this team by the path a flow names it with. FILE_UNKNOWN when there is none. */
  read(path: string): Promise<{ readonly bytes: Uint8Array; readonly name: string }>;
}

/** Where models come from when a node does not say. */
export interface ModelSettings {
  /** Set only by the start script and tests: a node without model or key becomes a client of this address. */
  readonly scriptedProviderUrl?: string;
  /** The platform's own keys by provider name in lower case (openai, anthropic, google, ollama, groq…). */
  readonly providerKeys: Readonly<Record<string, string>>;
  /** Base URLs that providers are reached at instead of their public ones. */
  readonly providerBaseUrls: Readonly<Record<string, string>>;
  readonly defaultModel?: { readonly provider: string; readonly model: string };
  /** No byte from a provider for so long ends the call, in milliseconds. */
  readonly idleTimeoutMs: number;
  /** Output tokens a call may still use: the run's max_tokens less what is spent. */
  remainingTokens(): number;
  /** The run's max_tokens, for the error that names it. */
  readonly tokenLimit?: number;
  /** The door out for addresses that a flow names, of `createGuardedHttp`. @default public addresses only */
  readonly outbound?: Dispatcher;
}

/** `fetch` that resolves, checks, pins and re-checks redirects: only public addresses unless allowed. ADDRESS_REFUSED otherwise. */
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
