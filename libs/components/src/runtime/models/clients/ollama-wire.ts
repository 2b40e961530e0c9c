import { broken } from '../provider-fault.js';
import { postToProvider } from '../transport.js';
import type { ClientOptions } from './client-options.js';

/** One line of Ollama's answer; LangChain reads it. */
type OllamaLine = Record<string, unknown>;

/** What LangChain's class asks of Ollama's client. */
interface OllamaWire {
  chat(request: object): Promise<AsyncIterable<OllamaLine>>;
}

/** Ollama's chat over our own transport, bound to one call's signal. */
export function ollamaWire(
  { baseUrl, key, transport }: ClientOptions,
  signal: AbortSignal,
): object & OllamaWire {
  return {
    async chat(request) {
      const answer = await postToProvider(
        {
          url: `${baseUrl}/api/chat`,
          headers: [
            'content-type',
            'application/json',
            ...(key === undefined ? [] : ['authorization', `Bearer ${key}`]),
          ],
          body: JSON.stringify(request),
          signal,
        },
        transport,
      );
      return readLines(answer.body);
    },
  };
}

/** The JSON of each line. */
async function* readLines(body: AsyncIterable<Buffer>): AsyncIterable<OllamaLine> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const bytes of body) {
    text += decoder.decode(bytes, { stream: true });
    const lines = text.split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') yield read(line);
  }
  if (text.trim() !== '') yield read(text);
}

function read(line: string): OllamaLine {
  const value = JSON.parse(line) as OllamaLine;
  if ('error' in value) throw broken('it reports an error in the middle of its answer');
  return value;
}
