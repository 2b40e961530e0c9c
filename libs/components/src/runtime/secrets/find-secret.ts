import { MIN_LENGTH, MIN_SEARCHED, formsOf } from './secret-forms.js';
import { isWholeValueIn } from './whole-value.js';

/** A call that is about to be sent. */
export interface OutgoingCall {
  readonly url: URL;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly body: string | Uint8Array | undefined;
  /**
   * Whether its body is a request to a model: there ordinary words such as `user`, or what people write, are whole
   * values.
   */
  readonly asksModel?: boolean;
}

// Kept, since every call of a process searches for its secrets.
const searches = new WeakMap<object, Search>();

/**
 * Where a call contains a secret, as it is or in the encodings that clients use: escaped in JSON, percent-encoded, in
 * base64 as in Basic authentication.
 *
 * @returns  `header Authorization`, `the URL`, `the body`; undefined when the call does not contain it
 */
export function findSecret(secret: { readonly value: string }, call: OutgoingCall): string | undefined {
  const { length } = secret.value;
  if (length < MIN_LENGTH) return undefined;
  const isShort = length < MIN_SEARCHED;
  const search = searches.get(secret) ?? (isShort ? wholes(secret) : anyOf(formsOf(secret)));
  searches.set(secret, search);
  for (let at = 1; at < call.headers.length; at += 2)
    if (search(call.headers[at] as string)) return `header ${call.headers[at - 1]}`;
  if (search(call.url.href) || search(decoded(call.url.href))) return 'the URL';
  if (call.body === undefined || call.body.length === 0 || (isShort && call.asksModel === true))
    return undefined;
  const body = typeof call.body === 'string' ? call.body : Buffer.from(call.body).toString('utf8');
  const isForm = /^[\w.%+*-]+=/.test(body);
  return search(body) || (isForm && search(decoded(body))) ? 'the body' : undefined;
}

type Search = (text: string) => boolean;

function anyOf(forms: readonly string[]): Search {
  return (text) => forms.some((form) => text.includes(form));
}

/** Finds the whole text, also after the scheme of a header; a value of a query, a form or JSON. */
function wholes(secret: { readonly value: string }): Search {
  return (text) => text.endsWith(` ${secret.value}`) || isWholeValueIn(text, secret);
}

/** The text with its percent-encoding decoded; parts that encode nothing stay as they are. */
function decoded(text: string): string {
  if (!/[%+]/.test(text)) return text;
  return text.replaceAll('+', ' ').replace(/(?:%[0-9a-f]{2})+/gi, (encoded) => {
    try {
      return decodeURIComponent(encoded);
    } catch {
      // Bytes of another encoding.
      return encoded;
    }
  });
}
