import { maskValuesIn } from './mask-secrets-in.js';
import { MIN_SEARCHED, formsOf } from './secret-forms.js';

type Value = { readonly value: string };

/**
 * Masks the secrets in a text that comes in pieces, also one that is divided between pieces: the end of a piece that may be
 * the beginning of a secret is kept until the next piece. Short secrets are left to the mask of the complete text.
 */
export class StreamMask {
  readonly #secrets: () => Iterable<Value>;
  #kept = '';

  /** @param secrets  asked for at each piece: which secrets were sent is known only when the answer begins */
  constructor(secrets: () => Iterable<Value>) {
    this.#secrets = secrets;
  }

  /** The text that can be shown now. */
  push(piece: string): string {
    const secrets = [...this.#secrets()].filter(({ value }) => value.length >= MIN_SEARCHED);
    const text = maskValuesIn(this.#kept + piece, secrets);
    const shown = text.length - longestBeginning(text, secrets);
    this.#kept = text.slice(shown);
    return text.slice(0, shown);
  }

  /** The rest of the text. */
  end(): string {
    const rest = this.#kept;
    this.#kept = '';
    return rest;
  }
}

/** How many characters at the end of a text may be the beginning of a secret. */
function longestBeginning(text: string, secrets: readonly Value[]): number {
  let longest = 0;
  for (const form of secrets.flatMap(formsOf)) {
    const first = form[0] as string;
    let at = text.indexOf(first, Math.max(0, text.length - form.length + 1));
    while (at >= 0 && !form.startsWith(text.slice(at))) at = text.indexOf(first, at + 1);
    if (at >= 0) longest = Math.max(longest, text.length - at);
  }
  return longest;
}
