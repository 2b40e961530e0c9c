import { randomUUID } from 'node:crypto';

/** A text with so many characters is sent apart from its message. */
const LONG_CHARACTERS = 128 * 1024;
/** Deepest level of payloads in messages: in a list of a reply's items. */
const MOST_LEVELS = 3;

/** A message and its long texts, which are taken out. */
export interface CutMessage {
  /** The message; in the place of each long text is a word that `joinTexts` replaces. */
  readonly message: unknown;
  /** The texts, in the order of their numbers. */
  readonly texts: readonly string[];
  /** The beginning of those words; it is random, so no sender can have written it into the message. */
  readonly mark: string;
}

/**
 * Takes the long texts out of a message: graphs, sealed inputs. As JSON within JSON, each of their quotes would be escaped
 * and decoded again: for 20 MB that blocks a process for a quarter of a second on each side.
 *
 * @returns undefined when the message has no long text
 */
export function cutTexts(message: unknown): CutMessage | undefined {
  const texts: string[] = [];
  let mark = '';
  const cut = changed(message, MOST_LEVELS, (text) => {
    // The text is sent as UTF-8, which has no lone surrogates; JSON has them.
    if (text.length < LONG_CHARACTERS || !text.isWellFormed()) return text;
    mark ||= `${randomUUID()}:`;
    return `${mark}${texts.push(text) - 1}`;
  });
  return texts.length === 0 ? undefined : { message: cut, texts, mark };
}

/** The message as it was before `cutTexts`. */
export function joinTexts({ message, texts, mark }: CutMessage): unknown {
  return changed(message, MOST_LEVELS, (text) =>
    text.startsWith(mark) ? (texts[Number(text.slice(mark.length))] ?? text) : text,
  );
}

/** A copy of a value with changed texts; the value itself when no text changes. */
function changed(value: unknown, levels: number, change: (text: string) => string): unknown {
  if (typeof value !== 'object' || value === null || levels < 0) return value;
  if (Array.isArray(value)) {
    const items = value.map((item: unknown) => changed(item, levels - 1, change));
    return items.some((item, index) => item !== value[index]) ? items : value;
  }
  let copy: Record<string, unknown> | undefined;
  for (const [name, member] of Object.entries(value)) {
    const now =
      typeof member === 'string'
        ? change(member)
        : typeof member === 'object'
          ? changed(member, levels - 1, change)
          : member;
    if (now !== member) (copy ??= { ...value })[name] = now;
  }
  return copy ?? value;
}
