import { z } from 'zod';
import { refusalOf } from './chat/chat-request.js';
import { countTokens } from './chat/tokens.js';
import { embeddingVector } from './embedding-vector.js';
import type { Exchange } from './http/exchange.js';
import { playReply } from './http/play-reply.js';
import { parseJsonBody } from './http/read-body.js';
import type { ScriptPlayer } from './script/script-player.js';

const MAX_INPUTS = 2_048;
const MAX_DIMENSIONS = 3_072;

const tokens = z.array(z.int().min(0)).min(1);
const embeddingsRequest = z.object({
  model: z.string().min(1),
  input: z.union([
    z.string(),
    z.array(z.string()).min(1).max(MAX_INPUTS),
    tokens,
    z.array(tokens).min(1).max(MAX_INPUTS),
  ]),
  dimensions: z.int().min(1).max(MAX_DIMENSIONS).nullish(),
  encoding_format: z.enum(['float', 'base64']).nullish(),
});
type EmbeddingsRequest = z.output<typeof embeddingsRequest>;

/**
 * Answers an embeddings request. Vectors have 1536 numbers, 3072 for models with "large" in their name, or as many as
 * `dimensions` says. Inputs of token ids are embedded as those ids written out.
 *
 * @throws Refusal when the request isn't one
 */
export function answerEmbeddings(
  exchange: Exchange,
  body: string,
  player: ScriptPlayer,
): void | Promise<void> {
  const parsed = embeddingsRequest.safeParse(parseJsonBody(body));
  if (!parsed.success) throw refusalOf(parsed.error);
  const request = parsed.data;
  const texts = textsOf(request.input);
  const messages = texts.map((content) => ({ role: 'user' as const, content }));
  exchange.call.model = request.model;
  const cue = player.next({ endpoint: 'embeddings', model: request.model, messages, tools: null });
  exchange.call.rule = cue?.name ?? 'default';
  const giveAnswer = (): void => exchange.end(200, embeddingsBody(request, texts));
  return cue === undefined ? giveAnswer() : playReply(exchange, cue.reply, giveAnswer);
}

function textsOf(input: EmbeddingsRequest['input']): string[] {
  if (typeof input === 'string') return [input];
  if (input.every((part) => typeof part === 'number')) return [input.join(' ')];
  return input.map((part) => (typeof part === 'string' ? part : String(part).replaceAll(',', ' ')));
}

function embeddingsBody(request: EmbeddingsRequest, texts: readonly string[]): string {
  const dimensions = request.dimensions ?? (request.model.includes('large') ? MAX_DIMENSIONS : 1_536);
  const data = texts.map((text, index) => {
    const vector = embeddingVector(text, dimensions);
    const isBase64 = request.encoding_format === 'base64';
    const embedding = isBase64 ? Buffer.from(vector.buffer).toString('base64') : Array.from(vector);
    return { object: 'embedding', index, embedding };
  });
  const promptTokens = texts.reduce((sum, text) => sum + Math.max(1, countTokens(text)), 0);
  const usage = { prompt_tokens: promptTokens, total_tokens: promptTokens };
  return JSON.stringify({ object: 'list', data, model: request.model, usage });
}
