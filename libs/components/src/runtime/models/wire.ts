import { StringDecoder } from 'node:string_decoder';
import { isPlainObject } from '@causeway/dag';
import { broken, reportedError } from './provider-fault.js';
import { type TransportOptions, type WireAnswer, postToProvider } from './transport.js';

/** An answer, or a piece of one, as the provider's protocol has it; LangChain reads it. */
export type WireJson = Record<string, unknown>;

/** A call as LangChain's class makes it of its client. */
export interface WireCall {
  readonly url: string;
  /** Those without a value are not sent. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: object;
  readonly signal: AbortSignal | undefined;
}

/** Posts JSON to a provider. @throws ProviderFault for every outcome but a success; the signal's reason */
export function postJson(
  { url, headers, body, signal }: WireCall,
  transport: TransportOptions,
): Promise<WireAnswer> {
  const flat = ['content-type', 'application/json', 'user-agent', 'causeway'];
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) flat.push(name, value);
  return postToProvider({ url, headers: flat, body: JSON.stringify(body), signal }, transport);
}

/** The JSON object that an answer is. @throws ProviderFault when it is none, or holds an error after all */
export async function readWhole(answer: WireAnswer): Promise<WireJson> {
  return checked(await answer.body.json());
}

/** The JSON of each server-sent event, up to `[DONE]` where the protocol has it. */
export async function* readEvents(answer: WireAnswer): AsyncGenerator<WireJson> {
  let data = '';
  let isDone = false;
  try {
    for await (const line of linesOf(answer)) {
      // Read on to the end all the same: a connection whose answer was not read up cannot be used again.
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

/** The JSON of each line. */
export async function* readLines(answer: WireAnswer): AsyncGenerator<WireJson> {
  for await (const line of linesOf(answer)) if (line !== '') yield checked(JSON.parse(line));
}

async function* linesOf({ body }: WireAnswer): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const bytes of body as AsyncIterable<Buffer>) {
    rest += decoder.write(bytes);
    let start = 0;
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n', start)) {
      yield rest.slice(start, rest[end - 1] === '\r' ? end - 1 : end);
      start = end + 1;
    }
    rest = rest.slice(start);
  }
  rest += decoder.end();
  if (rest !== '') yield rest;
}

function checked(value: unknown): WireJson {
  if (!isPlainObject(value)) throw broken('its answer is no JSON object');
  if (value['error'] !== undefined && value['error'] !== null) throw reportedError(value['error']);
  return value;
}
