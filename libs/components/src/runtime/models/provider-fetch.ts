import { type TransportOptions, type WireAnswer, postToProvider } from './transport.js';

/** Headers that providers' packages add about themselves or take from the environment, which is not ours to send. */
const unwanted = /^(x-stainless-|openai-organization|openai-project)/;

/**
 * A `fetch` for the packages of providers. It knows only what they need: POST with a text body, and the members of a Response
 * that they read, at half the price of a Response. What it throws is a `ProviderFault`, so that idle time, retries and errors
 * are the same whatever the provider.
 */
export function providerFetch(options: TransportOptions): typeof fetch {
  return async (input, init) => {
    const answer = await postToProvider(
      {
        url: input instanceof Request ? input.url : input,
        headers: wanted(init?.headers),
        body: String(init?.body ?? ''),
        signal: init?.signal ?? undefined,
      },
      options,
    );
    // The wire tests would show a package that reads another member.
    return new LeanResponse(String(input), answer) as unknown as Response;
  };
}

function wanted(given: RequestInit['headers']): string[] {
  const headers = given instanceof Headers ? given : new Headers(given);
  const flat: string[] = [];
  for (const [name, value] of headers) if (!unwanted.test(name)) flat.push(name, value);
  return flat;
}

class LeanResponse {
  readonly ok = true;
  readonly statusText = '';
  readonly status: number;
  readonly headers: LeanHeaders;
  readonly body: WireAnswer['body'];

  constructor(
    readonly url: string,
    answer: WireAnswer,
  ) {
    this.status = answer.statusCode;
    this.headers = new LeanHeaders(answer.headers);
    this.body = answer.body;
  }

  text(): Promise<string> {
    return this.body.text();
  }

  json(): Promise<unknown> {
    return this.body.json();
  }
}

class LeanHeaders {
  constructor(private readonly all: WireAnswer['headers']) {}

  get(name: string): string | null {
    const value = this.all[name.toLowerCase()];
    return value === undefined ? null : Array.isArray(value) ? value.join(', ') : value;
  }

  *entries(): Generator<[string, string]> {
    for (const name of Object.keys(this.all)) yield [name, this.get(name) ?? ''];
  }
}
