import { SECRET_MASK, isPlainObject, shortText } from '@causeway/dag';

/** A provider's report of an error: a machine-readable code, and a sentence for people. */
export interface ProviderWords {
  readonly code: string | undefined;
  /** As it was received: it may repeat the key or the prompt, so it is shown only by `shownSentence`. */
  readonly sentence: string | undefined;
}

/** What must not be repeated. */
export interface Withheld {
  /** Masks the secrets in a text. */
  readonly mask: (text: string) => string;
  /** Texts of the conversation. */
  readonly texts: readonly string[];
}

const MOST_CHARACTERS = 300;
/** A part of a sentence that equals a part of the conversation and has at least this length is a quotation. */
const QUOTED_CHARACTERS = 16;
const MOST_COMPARED_CHARACTERS = 1_000_000;
const MOST_PAGE_CHARACTERS = 20_000;

/**
 * The report in an error's body, in the forms of the protocols and of what is in front of providers (proxies, model
 * servers).
 */
export function wordsIn(body: string): ProviderWords {
  const parsed = parse(body);
  if (parsed === undefined) return { code: undefined, sentence: plainSentence(body) ?? titleOf(body) };
  const holder: unknown = Array.isArray(parsed) ? parsed[0] : parsed;
  if (!isPlainObject(holder)) return { code: undefined, sentence: undefined };
  const error = holder['error'];
  const inner = wordsOf(error);
  return { code: inner.code, sentence: inner.sentence ?? sentenceOf(holder) };
}

/** The report in a member `error`: an object, or a sentence. */
export function wordsOf(error: unknown): ProviderWords {
  if (typeof error === 'string') return { code: undefined, sentence: error };
  if (!isPlainObject(error)) return { code: undefined, sentence: undefined };
  return { code: codeOf(error), sentence: sentenceOf(error) };
}

/**
 * A provider's sentence as it may be shown: one short line, without keys and without the parts that repeat the
 * conversation.
 */
export function shownSentence(sentence: string, { mask, texts }: Withheld): string {
  // Masked before it is cut, since a part of a secret is not recognised.
  const shown = mask(sentence)
    .slice(0, MOST_CHARACTERS * 4)
    // Removes user names in addresses, and queries, which may contain keys.
    .replace(/(https?:\/\/)[^\s/@]*@/gi, '$1')
    .replace(/(https?:\/\/[^\s?]*)\?\S*/gi, '$1')
    // Removes keys of which the provider hides a part itself, and long words of letters and digits, which names of
    // models are not.
    .replace(/\b[\w-]{2,}\*{3,}[\w*-]*/g, SECRET_MASK)
    .replace(/\b(?=\w*\d)(?=\w*[A-Za-z])\w{32,}/g, SECRET_MASK);
  const line = withoutQuotations(shown, texts).replace(/\s+/g, ' ').trim();
  return shortText(line, MOST_CHARACTERS);
}

function withoutQuotations(sentence: string, texts: readonly string[]): string {
  const compared = joined(texts);
  if (compared.length < QUOTED_CHARACTERS) return sentence;
  let shown = '';
  let end = 0;
  while (end < sentence.length) {
    let length = 0;
    if (
      compared.includes(sentence.slice(end, end + QUOTED_CHARACTERS)) &&
      end + QUOTED_CHARACTERS <= sentence.length
    ) {
      length = QUOTED_CHARACTERS;
      while (end + length < sentence.length && compared.includes(sentence.slice(end, end + length + 1)))
        length += 1;
    }
    shown += length > 0 ? '…' : sentence[end];
    end += Math.max(1, length);
  }
  return shown;
}

function joined(texts: readonly string[]): string {
  const parts: string[] = [];
  let length = 0;
  for (const text of texts) {
    parts.push(text.slice(0, MOST_COMPARED_CHARACTERS - length));
    length += text.length;
    if (length >= MOST_COMPARED_CHARACTERS) break;
  }
  return parts.join('\n');
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    // Servers in front of a model answer with a sentence or a page.
    return undefined;
  }
}

/** A body that is a sentence itself; a page is none. */
function plainSentence(body: string): string | undefined {
  const text = body.trim();
  return text === '' || text.startsWith('<') || text.includes('\0') ? undefined : text;
}

function sentenceOf(holder: Record<string, unknown>): string | undefined {
  for (const name of ['message', 'detail', 'error_description', 'msg', 'errors']) {
    const value = holder[name];
    if (typeof value === 'string' && value.trim() !== '') return atPlace(holder, value);
    const [first] = Array.isArray(value) ? (value as unknown[]) : [value];
    if (isPlainObject(first)) {
      const inner = sentenceOf(first);
      if (inner !== undefined) return inner;
    }
  }
  return undefined;
}

/** A sentence of FastAPI, which servers of models use, with the place in the request that it is about. */
function atPlace({ loc }: Record<string, unknown>, sentence: string): string {
  const place = Array.isArray(loc) ? loc.filter((part) => part !== 'body').join('.') : '';
  return place === '' ? sentence : `${place}: ${sentence}`;
}

/** What a page calls itself: servers in front of a model answer with one. */
function titleOf(body: string): string | undefined {
  const page = body.slice(0, MOST_PAGE_CHARACTERS);
  const [, title] = /<title[^<>]{0,200}>([^<]{1,500})<\/title>/i.exec(page) ?? [];
  const words = title?.replace(/\s+/g, ' ').trim();
  return words ? `a page with the title "${words}"` : undefined;
}

function codeOf(error: Record<string, unknown>): string | undefined {
  const { code, type, status } = error;
  // Only words: a key that a provider puts there must not get into our errors.
  return [code, type, status].find(
    (one): one is string =>
      typeof one === 'string' && one.length <= 64 && /^[A-Za-z]+([_.-][A-Za-z]+)*$/.test(one),
  );
}
