import type { BaseChatModel } from '@langchain/core/language_models/chat_models';
import type { AIMessage, AIMessageChunk, BaseMessage } from '@langchain/core/messages';
import type { ChatGenerationChunk, ChatResult } from '@langchain/core/outputs';
import type { CutReason, ToolOffer } from '../conversation.js';
import { textOf } from './langchain-messages.js';
import { broken, cutOff } from '../providers/provider-fault.js';

/** What one call requests besides its messages. */
export interface ChatCall {
  readonly signal: AbortSignal;
  /** Most output tokens. */
  readonly maxTokens: number;
  readonly tools: readonly ToolOffer[];
  /** Name of the tool that must be called. */
  readonly mustCall?: string;
}

/** A provider's protocol, by the LangChain model that implements it. */
export interface ChatClient {
  /** Most output tokens that the model can give; undefined when LangChain does not know it. */
  readonly maxOutputTokens: number | undefined;
  readonly open: (call: ChatCall) => OpenedCall;
}

/** The model to call, and the options of the call in its terms. */
export interface OpenedCall {
  readonly model: BaseChatModel;
  readonly options: Record<string, unknown>;
}

/** The names that protocols and servers use for an end because of length. */
const forLength = /^(length|max_tokens|model_length|max_output_tokens|model_context_window_exceeded)$/i;

/** The names that they use for an end because of the content. */
const forContent =
  /^(content_filter(ed)?|refusal|safety|recitation|language|blocklist|prohibited_content|spii|image_safety)$/i;

/** The answer, and why it may be incomplete. */
export interface ChatOutcome {
  readonly message: AIMessage | AIMessageChunk;
  /**
   * `length`: the model stopped at `maxTokens`, at its own limit, or at the end of its context window. Undefined for a
   * complete answer.
   */
  readonly cut: CutReason | undefined;
}

/**
 * Makes a call. The models' own `invoke` would run callbacks, tracers and caches that the environment sets up; this
 * calls the methods that every LangChain model implements directly, in a third of the processor time.
 *
 * @param onText  reads the answer as a stream and receives each piece; without it the answer is read as a whole
 */
export async function callModel(
  { model, options }: OpenedCall,
  messages: BaseMessage[],
  signal: AbortSignal,
  onText?: (piece: string) => void,
): Promise<ChatOutcome> {
  const callOptions = { ...options, signal } as Parameters<BaseChatModel['_generate']>[1];
  const { message, finish } =
    onText === undefined
      ? readWhole(await model._generate(messages, callOptions))
      : await readStream(model._streamResponseChunks(messages, callOptions), onText);
  // A cancelled stream ends without an error.
  signal.throwIfAborted();
  if (finish === undefined) throw cutOff('its answer ended before it was complete');
  return { message, cut: cutReason(finish) };
}

/** Why an answer may be incomplete that ended with a reason of a protocol; undefined if it is complete. */
export function cutReason(finish: string): CutReason | undefined {
  if (forLength.test(finish)) return 'length';
  return forContent.test(finish) ? 'content_filter' : undefined;
}

interface Read {
  readonly message: AIMessage | AIMessageChunk;
  readonly finish: string | undefined;
}

function readWhole(result: ChatResult): Read {
  const generation = result.generations[0];
  if (generation === undefined) throw broken('its answer holds no message');
  const message = generation.message as AIMessage;
  return { message, finish: finishOf(generation.generationInfo, message) };
}

async function readStream(
  chunks: AsyncIterable<ChatGenerationChunk>,
  onText: (piece: string) => void,
): Promise<Read> {
  let text = '';
  let whole: AIMessageChunk | undefined;
  let finish: string | undefined;
  for await (const { message, generationInfo } of chunks) {
    const chunk = message as AIMessageChunk;
    finish = finishOf(generationInfo, chunk) ?? finish;
    const piece = textOf(chunk.content);
    text += piece;
    // Joining chunks costs more with each chunk; most contain only text.
    if (whole === undefined || !isTextOnly(chunk)) whole = whole === undefined ? chunk : whole.concat(chunk);
    if (piece !== '') onText(piece);
  }
  if (whole === undefined) throw broken('its answer holds no message');
  if (typeof whole.content === 'string') whole.content = text;
  return { message: whole, finish };
}

function isTextOnly(chunk: AIMessageChunk): boolean {
  return (
    typeof chunk.content === 'string' &&
    chunk.usage_metadata === undefined &&
    !chunk.tool_call_chunks?.length &&
    !chunk.tool_calls?.length &&
    Object.keys(chunk.additional_kwargs).length === 0
  );
}

/** Why the model stopped, from any place where its protocol writes it; undefined when the answer has no end. */
function finishOf(
  info: Record<string, unknown> | undefined,
  message: AIMessage | AIMessageChunk,
): string | undefined {
  const { response_metadata: metadata, additional_kwargs: extra } = message;
  return [
    info?.['finish_reason'],
    info?.['finishReason'],
    metadata['finish_reason'],
    metadata['finishReason'],
    metadata['stop_reason'],
    extra['stop_reason'],
    metadata['done_reason'],
    metadata['done'] === true ? 'done' : undefined,
  ].find((reason): reason is string => typeof reason === 'string' && reason !== '');
}
