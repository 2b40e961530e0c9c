import { SECRET_MASK } from '@causeway/dag';

/** A call as it is about to leave. */
export interface OutgoingCall {
  readonly url: URL;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly body: string | Uint8Array | undefined;
}

/** A shorter value stands in texts by chance: it counts only as a whole header or a whole value of a query. */
const MIN_SEARCHED = 8;
/** Nothing so short is a secret. */
const MIN_LENGTH = 4;

// The forms of a value cost more than the search for them; many a secret is sought by every call of a process.
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
  const search = searches.get(secret) ?? (isShort ? standsAlone : anyOf)(secret.value);
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

function anyOf(value: string): Search {
  const forms = formsOf(value);
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

// So are they for the texts of errors.
const masks = new WeakMap<object, (text: string) => string>();

/** A text with a mask in the place of a secret, in each form in which `findSecret` finds it. A short secret counts as a whole word. */
export function maskSecret(secret: { readonly value: string }, text: string): string {
  const mask = masks.get(secret) ?? maskOf(secret.value);
  masks.set(secret, mask);
  return mask(text);
}

function maskOf(value: string): (text: string) => string {
  if (value.length < MIN_LENGTH) return (text) => text;
  if (value.length < MIN_SEARCHED)
    return (text) =>
      text.replaceAll(value, (found, at: number) =>
        isWord(text.slice(Math.max(0, at - 1), at)) ||
        isWord(text.slice(at + value.length, at + value.length + 1))
          ? found
          : SECRET_MASK,
      );
  const forms = formsOf(value);
  return (text) => forms.reduce((masked, form) => masked.replaceAll(form, SECRET_MASK), text);
}

function isWord(sign: string): boolean {
  return /[\p{L}\p{N}_]/u.test(sign);
}

function formsOf(value: string): readonly string[] {
  const percent = encodeURIComponent(value.toWellFormed());
  return [
    ...new Set([
      value,
      JSON.stringify(value).slice(1, -1),
      percent,
      percent.replaceAll('%20', '+'),
      ...[0, 1, 2].flatMap((shift) => base64Forms(value, shift)),
    ]),
  ];
}

/** What of a value's base64 does not depend on its neighbours, when `shift` bytes stand before it. */
function base64Forms(value: string, shift: number): string[] {
  const bytes = Buffer.concat([Buffer.alloc(shift), Buffer.from(value, 'utf8')]);
  const first = Math.ceil((shift * 8) / 6);
  const form = bytes.toString('base64').slice(first, Math.floor((bytes.length * 8) / 6));
  return [form, form.replaceAll('+', '-').replaceAll('/', '_')];
}

function decoded(text: string): string {
  if (!/[%+]/.test(text)) return text;
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    // Not encoded after all.
    return text;
  }
}
