import { broken } from '../provider-fault.js';
import { type WireAnswer, postToProvider } from '../transport.js';
import type { ClientOptions } from './client-options.js';

/** A generateContent answer, or a piece of one; LangChain reads it. */
type GeminiAnswer = Record<string, unknown>;

/** What LangChain's class asks of Google's client. */
interface GeminiWire {
  generateContent(request: object): Promise<{ response: GeminiAnswer }>;
  generateContentStream(request: object): Promise<{ stream: AsyncIterable<GeminiAnswer> }>;
}

/** Google's generateContent over our own transport, bound to one call's signal. */
export function geminiWire(
  { baseUrl, key, model, transport }: ClientOptions,
  signal: AbortSignal,
): GeminiWire {
  const post = (task: string, request: object): Promise<WireAnswer> =>
    postToProvider(
      {
        url: `${baseUrl}/v1beta/models/${encodeURIComponent(model.replace(/^models\//, ''))}:${task}`,
        headers: ['content-type', 'application/json', ...(key === undefined ? [] : ['x-goog-api-key', key])],
        body: JSON.stringify(request),
        signal,
      },
      transport,
    );
  return {
    async generateContent(request) {
      const answer = await post('generateContent', request);
      return { response: (await answer.body.json()) as GeminiAnswer };
    },
    async generateContentStream(request) {
      const answer = await post('streamGenerateContent?alt=sse', request);
      return { stream: readEvents(answer.body) };
    },
  };
}

/** The JSON of each event of a server-sent stream. */
async function* readEvents(body: AsyncIterable<Buffer>): AsyncIterable<GeminiAnswer> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const bytes of body) {
    text += decoder.decode(bytes, { stream: true });
    const events = text.split(/\r?\n\r?\n/);
    text = events.pop() ?? '';
    for (const event of events) {
      const json = dataOf(event);
      if (json !== '') yield JSON.parse(json) as GeminiAnswer;
    }
  }
  if (text.trim() !== '') throw broken('its answer broke off');
}

function dataOf(event: string): string {
  return event
    .split(/\r?\n/)
    .filter((line) => line.startsWith('data:'))
    .map((line) => line.slice('data:'.length).trim())
    .join('\n');
}
