import { createHash } from 'node:crypto';
import type { Json, JsonObject } from '@causeway/dag';
import { canonicalJson, isCausewayError, isSecretName } from '@causeway/dag';
import { CoerceError } from '../../coerce/coerce-error.js';
import { maxRequests } from '../../coerce/limits.js';
import { dataOf, tableOf } from '../../coerce/value.js';
import type { DataValue, Value } from '../../specs/values.js';
import { askedOutputs } from '../asked-outputs.js';
import type { ComponentContext, ComponentRuntime, StepAnswer } from '../component.js';
import { fieldInvalid } from '../node-failed.js';
import { readAs, readFlag, readText, readWhole } from '../read-field.js';
import { parseCurl } from './parse-curl.js';
import { commaSeparated, toBody, toHeaders, withQuery, withScheme } from './request-parts.js';

const methods = ['GET', 'POST', 'PATCH', 'PUT', 'DELETE', 'HEAD'];
/** Longest wait for an answer, in seconds. */
export const maxTimeoutS = 300;

interface ApiCall {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/**
 * Makes the request as a journaled step and gives status, headers and result. A server that cannot be reached gives
 * `{error}` with status 500, as in Langflow, so that a flow or an agent can continue; a refused address is an error.
 */
export const apiRequest: ComponentRuntime = {
  type: 'APIRequest',
  async run(context) {
    if (readFlag(context, 'save_to_file')) {
      throw fieldInvalid(
        context,
        'Save to File is on, but answers are not saved to files here; turn it off.',
      );
    }
    const results: DataValue[] = [];
    for (const call of callsOf(context)) results.push(dataOf(await makeCall(context, call)));
    const first = results[0] as DataValue;
    return {
      outputs: askedOutputs<Value>(context, {
        data: () => (results.length === 1 ? first : { kind: 'plain', value: results }),
        dataframe: () => tableOf(results.map(({ data }) => data)),
      }),
    };
  },
};

function callsOf(context: ComponentContext): readonly ApiCall[] {
  const command = readText(context, 'curl_input') || readText(context, 'curl');
  const urls = [readText(context, 'url_input'), ...readAs(context, 'urls', commaSeparated)].filter(
    (url) => url.trim() !== '',
  );
  const curlMode = readText(context, 'mode') === 'cURL' || readFlag(context, 'use_curl');
  const isCurl = command !== '' && (curlMode || urls.length === 0);
  const calls = isCurl ? [curlCall(context, command)] : urls.map((url) => fieldCall(context, url));
  if (calls.length === 0) throw fieldInvalid(context, 'no URL is given; fill the field URL.');
  if (calls.length > maxRequests)
    throw fieldInvalid(context, `${calls.length} URLs are given; the limit is ${maxRequests}.`);
  for (const { method } of calls) {
    if (!methods.includes(method))
      throw fieldInvalid(context, `the method ${method} is not supported; use one of ${methods.join(', ')}.`);
  }
  return calls;
}

function curlCall(context: ComponentContext, command: string): ApiCall {
  try {
    const { url, method, headers, body } = parseCurl(command);
    return { url: withScheme(url), method, headers: toHeaders(headers), body };
  } catch (error) {
    if (error instanceof CoerceError)
      throw fieldInvalid(context, `field curl_input ${error.message}.`, { cause: error });
    throw error;
  }
}

function fieldCall(context: ComponentContext, url: string): ApiCall {
  const method = readText(context, 'method').toUpperCase();
  const headers = readAs(context, 'headers', toHeaders);
  const hasBody = method !== 'GET' && method !== 'HEAD';
  const hasType = Object.keys(headers).some((name) => name.toLowerCase() === 'content-type');
  return {
    url: readAs(context, 'query_params', (input) => withQuery(withScheme(url), input)),
    method,
    headers: hasBody && !hasType ? { ...headers, 'Content-Type': 'application/json' } : headers,
    body: hasBody ? JSON.stringify(readAs(context, 'body', toBody)) : undefined,
  };
}

async function makeCall(context: ComponentContext, call: ApiCall): Promise<JsonObject> {
  const source = { source: context.secrets.maskOwn(call.url) };
  const metadata: JsonObject = readFlag(context, 'include_httpx_metadata')
    ? { headers: withoutSecrets(context, call.headers) }
    : {};
  try {
    const { answer } = await context.step({
      kind: 'tool',
      name: `http ${call.method}`,
      request: requestOf(call),
      effects: call.method === 'GET' || call.method === 'HEAD' ? 'idempotent' : 'keyed',
      call: (attempt) => send(context, call, attempt),
    });
    return { ...source, ...(answer as JsonObject), ...metadata };
  } catch (error) {
    if (!isCausewayError(error) || error.code !== 'REQUEST_FAILED') throw error;
    return { ...source, status_code: 500, error: error.message, ...metadata };
  }
}

/** Query, headers and body may contain secrets, so the journal keeps only their hash. */
function requestOf(call: ApiCall): Json {
  const url = URL.parse(call.url);
  const secret = canonicalJson([url?.search ?? '', call.headers, call.body ?? null]);
  return {
    method: call.method,
    url: url === null ? '' : `${url.origin}${url.pathname}`,
    rest: createHash('sha256').update(secret).digest('hex'),
  };
}

async function send(
  context: ComponentContext,
  call: ApiCall,
  attempt: { idempotencyKey: string; signal: AbortSignal },
): Promise<StepAnswer> {
  const hasKey = Object.keys(call.headers).some((name) => name.toLowerCase() === 'idempotency-key');
  const isKeyed = call.method !== 'GET' && call.method !== 'HEAD' && !hasKey;
  const timeoutS = readWhole(context, 'timeout', 30);
  const response = await context.http(call.url, {
    method: call.method,
    headers: isKeyed ? { ...call.headers, 'Idempotency-Key': attempt.idempotencyKey } : { ...call.headers },
    ...(call.body === undefined ? {} : { body: call.body }),
    timeoutMs: Math.min(timeoutS > 0 ? timeoutS : 30, maxTimeoutS) * 1000,
    followRedirects: readFlag(context, 'follow_redirects'),
    signal: attempt.signal,
  });
  const answer = {
    status_code: response.status,
    response_headers: { ...response.headers },
    ...resultOf(response),
  };
  return { answer };
}

function resultOf(response: { headers: Readonly<Record<string, string>>; body: Uint8Array }): JsonObject {
  const bytes = Buffer.from(response.body);
  const type = response.headers['content-type'] ?? '';
  if (/^(image|audio|video|font)\/|octet-stream|pdf|zip/i.test(type)) {
    return { result: bytes.toString('base64'), result_encoding: 'base64' };
  }
  const text = bytes.toString('utf8');
  try {
    return { result: JSON.parse(text) as Json };
  } catch {
    return { result: text };
  }
}

function withoutSecrets(context: ComponentContext, headers: Readonly<Record<string, string>>): JsonObject {
  const isSecret = (name: string, value: string): boolean =>
    isSecretName(name) || context.secrets.maskOwn(value) !== value;
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, isSecret(name, value) ? '***' : value]),
  );
}
