import { causewayError } from '@causeway/contracts';
import type { JsonObject } from '@causeway/dag';
import type { ComponentContext, Handle, StepAnswer, TokenUsage } from '../component.js';
import { fieldInvalid } from '../node-failed.js';
import { callFor } from '../secrets/model-door.js';
import { maskValuesIn } from '../secrets/mask-secrets-in.js';
import { maskTexts } from '../secrets/mask-texts.js';
import { StreamMask } from '../secrets/stream-mask.js';
import type { ModelKey, RunSecrets } from '../secrets/run-secrets.js';
import type { ChatClient, ChatOutcome } from './clients/chat-client.js';
import { findClient, loadClients } from './clients/client-cache.js';
import type { ClientOptions, ModelParameters } from './clients/client-options.js';
import { type AssistantTurn, type ToolOffer, type Turn, asJson } from './conversation.js';
import { isCutAnswer, toProviderError } from './providers/provider-fault.js';
import type { Protocol } from './providers/providers.js';

/** A model with everything that is needed to call it. */
export interface ModelTarget extends Omit<ClientOptions, 'transport'> {
  readonly protocol: Protocol;
  /** `key`, unless it came with the request. */
  readonly ownKey?: ModelKey;
  /** The key in words, for an error: the provider whose key it is, and where it comes from. */
  readonly keyOf?: string | undefined;
  /** Of the run that the model was made for. */
  readonly secrets: RunSecrets;
  /** The name that the run shows: `openai:gpt-4.1`, or `scripted`. */
  readonly label: string;
  readonly parameters: ModelParameters;
  /** The node's own limit of output tokens. */
  readonly maxTokens: number | undefined;
  /** The node's own idle time; it can only be shorter than the platform's. */
  readonly timeoutMs: number | undefined;
  readonly maxRetries: number;
  readonly dispatcher: ClientOptions['transport']['dispatcher'];
}

/** A request to a model. */
export interface Question {
  readonly messages: readonly Turn[];
  /** Used in the step's request instead of `messages`, where a message differs from attempt to attempt. */
  readonly stableMessages?: readonly Turn[];
  readonly tools?: readonly ToolOffer[];
  /** Name of the tool that must be called. */
  readonly mustCall?: string;
  /** Receives each piece of text as it comes. */
  readonly onText?: (piece: string) => void;
}

/** A slower answer is suspected to hang rather than to be long. */
const SLOWEST_TOKENS_PER_SECOND = 40;
const MOST_RETRIES = 2;

/**
 * The live object of type LanguageModel. It is made again from its node's settings on resume; calls are steps of the
 * node that makes them.
 */
export class LanguageModel {
  // Hidden from JSON, logs and inspection: it holds a key.
  readonly #target: ModelTarget;

  constructor(target: ModelTarget) {
    this.#target = target;
  }

  /** The name that the run shows. */
  get label(): string {
    return this.#target.label;
  }

  /** The bare name, for prompts that mention it. */
  get name(): string {
    return this.#target.model;
  }

  /**
   * One call of the model, journaled as a step of the calling node.
   *
   * @throws CausewayError `PROVIDER_FAILED`, `PROVIDER_LIMITED`, `PROVIDER_UNREACHABLE`, `PROVIDER_TIMED_OUT`,
   * `LIMIT_TOKENS`; the signal's reason
   */
  async ask(context: ComponentContext, question: Question): Promise<AssistantTurn> {
    const { tools = [], mustCall, messages, stableMessages = messages } = question;
    const { answer } = await context.step({
      kind: 'model',
      name: 'model',
      effects: 'none',
      request: {
        model: this.label,
        parameters: this.#target.parameters as JsonObject,
        messages: asJson(stableMessages),
        ...(tools.length === 0 ? {} : { tools: asJson(tools) }),
        ...(mustCall === undefined ? {} : { mustCall }),
      },
      call: ({ signal }) => this.call(context, question, signal),
    });
    // The result of `call`, made now or before a crash.
    return answer as unknown as AssistantTurn;
  }

  private async call(
    context: ComponentContext,
    question: Question,
    signal: AbortSignal,
  ): Promise<StepAnswer> {
    const target = this.#target;
    const { mustCall, tools = [] } = question;
    const left = tokensLeft(context);
    const idleTimeoutMs = Math.min(target.timeoutMs ?? Infinity, context.models.idleTimeoutMs);
    const [{ callModel }, { toAssistantTurn, toLangChain }] = await loadLangChain();
    const messages = await toLangChain(question.messages, context.files);
    const client = await this.findClient(context, idleTimeoutMs);
    const maxTokens = Math.min(target.maxTokens ?? left, left, client.maxOutputTokens ?? left);
    const call = { signal, maxTokens, tools, ...(mustCall === undefined ? {} : { mustCall }) };
    // An answer whose writing may take longer than the idle time is read as a stream: then silence means that the call
    // hangs.
    const isLong = (maxTokens / SLOWEST_TOKENS_PER_SECOND) * 1000 > idleTimeoutMs;
    let isRead = false;
    // A server may repeat what it was sent, and a client may read that before the answer is complete.
    const sent = new Set(target.key === undefined ? [] : [{ value: target.key }]);
    const mask = new StreamMask(() => sent);
    const show = (text: string): void => (text === '' ? undefined : question.onText?.(text));
    const report = question.onText && ((piece: string): void => ((isRead = true), show(mask.push(piece))));
    const onText = report ?? (isLong ? ignore : undefined);
    const caller = { secrets: target.secrets, node: context.node.displayName, key: target.ownKey, sent };
    const once = (): Promise<ChatOutcome> =>
      callFor(caller, () => callModel(client.open(call), messages, signal, onText));
    const { message, cut } = await once()
      // An answer that ended too early is requested once more if no client has read a part of it.
      .catch((error: unknown) => {
        signal.throwIfAborted();
        if (isRead || target.maxRetries < 1 || !isCutAnswer(error)) throw error;
        return once();
      })
      .catch((error: unknown) => {
        signal.throwIfAborted();
        throw toProviderError(error, {
          node: context.node.displayName,
          baseUrl: target.baseUrl,
          keyOf: target.keyOf,
          idleTimeoutMs,
          mask: (text) => target.secrets.mask(text, target.key),
          texts: question.messages.map(({ text }) => text),
        });
      });
    show(mask.end());
    const { turn, tokens } = counted(question.messages, toAssistantTurn(message));
    if (cut === 'length' && maxTokens === left && tokens.output >= left)
      throw outOfTokens(context, left, tokens);
    const answer: AssistantTurn = cut === undefined ? turn : { ...turn, finishReason: cut };
    const masked = maskTexts(asJson(answer), (text) => maskValuesIn(text, sent));
    return { answer: masked, tokens, model: target.label };
  }

  private async findClient(context: ComponentContext, idleTimeoutMs: number): Promise<ChatClient> {
    try {
      return await findClient(this.#target.protocol, this.clientOptions(idleTimeoutMs));
    } catch (error) {
      // LangChain checks settings when it makes a model; its message names the setting.
      const { message } = error as Error;
      throw fieldInvalid(context, `the model cannot be called with these settings: ${message}`, {
        cause: error,
      });
    }
  }

  private clientOptions(idleTimeoutMs: number): ClientOptions {
    const { baseUrl, key, model, parameters, maxRetries, dispatcher } = this.#target;
    const retries = Math.max(0, Math.min(maxRetries, MOST_RETRIES));
    return {
      baseUrl,
      key,
      model,
      parameters,
      transport: { idleTimeoutMs, maxRetries: retries, ...(dispatcher === undefined ? {} : { dispatcher }) },
    };
  }
}

/** A model as an output. */
export function modelHandle(model: LanguageModel): Handle {
  return { kind: 'handle', type: 'LanguageModel', object: model };
}

/** The model of a live object; undefined when the input is none. */
export function modelIn(input: unknown): LanguageModel | undefined {
  const { object } = (input ?? {}) as { object?: unknown };
  return object instanceof LanguageModel ? object : undefined;
}

/** Loads what calls of this protocol need, so that the first run does not wait for it. */
export async function warmUpModels(protocol: Protocol): Promise<void> {
  await Promise.all([loadLangChain(), loadClients[protocol]()]);
}

let langChain:
  | Promise<[typeof import('./clients/chat-client.js'), typeof import('./clients/langchain-messages.js')]>
  | undefined;

function loadLangChain(): NonNullable<typeof langChain> {
  langChain ??= Promise.all([import('./clients/chat-client.js'), import('./clients/langchain-messages.js')]);
  return langChain;
}

function tokensLeft(context: ComponentContext): number {
  const left = context.models.remainingTokens();
  if (left <= 0) throw outOfTokens(context, left);
  return left;
}

function outOfTokens(context: ComponentContext, left: number, spent?: TokenUsage): Error {
  const limit = context.models.tokenLimit ?? left;
  // The call that exceeded the limit is not journaled; the error's details contain its tokens.
  return causewayError('LIMIT_TOKENS', { used: limit - left + (spent?.output ?? 0), limit, ...spent });
}

/** More characters than any tokenizer puts into one token of ordinary text. */
const MOST_CHARACTERS_PER_TOKEN = 16;

/**
 * The tokens of a call. If the provider does not count them, they are estimated at four characters per token; if its
 * count is far too low, a minimum is used, and no answer is free: otherwise a run's limit would not end it.
 */
function counted(
  messages: readonly Turn[],
  given: AssistantTurn,
): { readonly turn: AssistantTurn; readonly tokens: TokenUsage } {
  const { usage, ...turn } = given;
  const written =
    turn.text.length + (turn.toolCalls === undefined ? 0 : JSON.stringify(turn.toolCalls).length);
  if (usage !== undefined && usage.output > 0) {
    const output = Math.max(usage.output, Math.floor(written / MOST_CHARACTERS_PER_TOKEN));
    return { turn: given, tokens: { input: usage.input, output } };
  }
  const input = usage?.input || messages.reduce((sum, { text }) => sum + Math.ceil(text.length / 4), 0);
  return { turn, tokens: { input, output: Math.max(1, Math.ceil(written / 4)) } };
}

function ignore(): void {
  // The stream is read only for its idle time.
}
