import { StringDecoder } from 'node:string_decoder';
import { isPlainObject } from '@causeway/dag';
import { broken, reportedError } from './provider-fault.js';
import { type TransportOptions, type WireAnswer, postToProvider } from './transport.js';

/** An answer, or a piece of one, in the provider's protocol; LangChain reads it. */
export type WireJson = Record<string, unknown>;

/** A call that LangChain's class makes of its client. */
export interface WireCall {
  readonly url: string;
  /** Headers without a value are not sent. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: object;
  readonly signal: AbortSignal | undefined;
}

/** More bytes than any model writes; a limit for servers that are no models. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

/** Posts JSON to a provider. @throws ProviderFault for every outcome but a success; the signal's reason */
export function postJson(
  { url, headers, body, signal }: WireCall,
  transport: TransportOptions,
): Promise<WireAnswer> {
  const flat = ['content-type', 'application/json', 'user-agent', 'causeway'];
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) flat.push(name, value);
  return postToProvider({ url, headers: flat, body: JSON.stringify(body), signal }, transport);
}

/** The JSON object of an answer. @throws ProviderFault when it is none, or contains an error */
export async function readWhole(answer: WireAnswer): Promise<WireJson> {
  if (Number(answer.headers['content-length']) <= MAX_ANSWER_BYTES) return checked(await answer.body.json());
  const parts: Buffer[] = [];
  for await (const part of limited(answer)) parts.push(part);
  return checked(JSON.parse(Buffer.concat(parts).toString('utf8')));
}

/** The JSON of each server-sent event, up to `[DONE]` where the protocol has it. */
export async function* readEvents(answer: WireAnswer): AsyncGenerator<WireJson> {
  let data = '';
  let isDone = false;
  try {
    for await (const line of linesOf(answer)) {
      // The rest is read too: a connection whose answer was not read to its end cannot be used again.
      if (isDone) continue;
      if (line.startsWith('data:'))
        data += (data === '' ? '' : '\n') + line.slice('data:'.length).trimStart();
      else if (line === '' && data !== '') {
        isDone = data === '[DONE]';
        if (!isDone) yield checked(JSON.parse(data));
        data = '';
      }
    }
  } catch (error) {
    if (!isDone) throw error;
  }
  if (data !== '' && data !== '[DONE]') yield checked(JSON.parse(data));
}

/** The events of an answer, each as a client changes it for LangChain. */
export async function* mapEvents(
  events: AsyncIterable<WireJson>,
  change: (event: WireJson) => WireJson,
): AsyncGenerator<WireJson> {
  for await (const event of events) yield change(event);
}

/** The JSON of each line. */
export async function* readLines(answer: WireAnswer): AsyncGenerator<WireJson> {
  for await (const line of linesOf(answer)) if (line !== '') yield checked(JSON.parse(line));
}

async function* linesOf(answer: WireAnswer): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  // Searched in pieces: searching the whole growing line with each piece would take quadratic time.
  let begun: string[] = [];
  for await (const bytes of limited(answer)) {
    const text = decoder.write(bytes);
    let start = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      const line = begun.join('') + text.slice(start, end);
      yield line.endsWith('\r') ? line.slice(0, -1) : line;
      begun = [];
      start = end + 1;
    }
    if (start < text.length) begun.push(text.slice(start));
  }
  const last = begun.join('') + decoder.end();
  if (last !== '') yield last;
}

async function* limited({ body }: WireAnswer): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const part of body as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > MAX_ANSWER_BYTES) throw broken(`its answer is larger than ${MAX_ANSWER_BYTES} bytes`);
    yield part;
  }
}

function checked(value: unknown): WireJson {
  if (!isPlainObject(value)) throw broken('its answer is no JSON object');
  if (value['error'] !== undefined && value['error'] !== null) throw reportedError(value['error']);
  return value;
}
