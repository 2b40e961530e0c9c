import { MIN_LENGTH, MIN_SEARCHED, formsOf } from './secret-forms.js';

/** A call as it is about to leave. */
export interface OutgoingCall {
  readonly url: URL;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly body: string | Uint8Array | undefined;
}

// A secret is sought by every call of a process.
const searches = new WeakMap<object, Search>();

/**
 * Where in a call a secret stands, as it is or in the encodings that clients give it: escaped in JSON, percent-encoded, in
 * base64 as in Basic authentication.
 *
 * @returns  `header Authorization`, `the URL`, `the body`; undefined when it is nowhere
 */
export function findSecret(secret: { readonly value: string }, call: OutgoingCall): string | undefined {
  const { length } = secret.value;
  if (length < MIN_LENGTH) return undefined;
  const isShort = length < MIN_SEARCHED;
  const search = searches.get(secret) ?? (isShort ? standsAlone(secret.value) : anyOf(formsOf(secret)));
  searches.set(secret, search);
  for (let at = 1; at < call.headers.length; at += 2)
    if (search(call.headers[at] as string)) return `header ${call.headers[at - 1]}`;
  if (search(call.url.href) || search(decoded(call.url.href))) return 'the URL';
  if (isShort || call.body === undefined || call.body.length === 0) return undefined;
  const body = typeof call.body === 'string' ? call.body : Buffer.from(call.body).toString('utf8');
  const isForm = /^[\w.%+*-]+=/.test(body);
  return search(body) || (isForm && search(decoded(body))) ? 'the body' : undefined;
}

type Search = (text: string) => boolean;

function anyOf(forms: readonly string[]): Search {
  return (text) => forms.some((form) => text.includes(form));
}

/** The whole header, also after its scheme; a value of a query. */
function standsAlone(value: string): Search {
  return (text) => {
    if (text === value || text.endsWith(` ${value}`)) return true;
    const assigned = `=${value}`;
    for (let at = text.indexOf(assigned); at >= 0; at = text.indexOf(assigned, at + 1)) {
      const next = text[at + assigned.length];
      if (next === undefined || next === '&' || next === '#') return true;
    }
    return false;
  };
}

/** The text without percent signs, as far as they encode something; what does not stays. */
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
