/** A decoded text, with the position of each of its characters in the text that contains it in encoded form. */
export interface DecodedText {
  readonly text: string;
  /** Where the character at an index begins in the other text. */
  beginOf(index: number): number;
  /** Where it ends there. */
  endOf(index: number): number;
}

/** Makes a decoded text, piece by piece. It keeps only the places where the encoding differs from the text, since texts may be long. */
export class Decoding implements DecodedText {
  text = '';
  /** From the character at an index of `at` on, the text is the same as in the source from that index of `places` on. */
  readonly #at: number[] = [];
  readonly #places: number[] = [];
  /** Whether an escape sequence ends at that place. */
  readonly #isEscaped: boolean[] = [];

  /**
   * @param escape  the text of the escape sequence that begins at an index, one character or none, and its length; undefined where none
   * begins
   */
  add(
    source: string,
    begin: number,
    end: number,
    escape?: (at: number) => { readonly text: string; readonly length: number } | undefined,
  ): void {
    const parts: string[] = [];
    let length = this.text.length;
    let copied = begin;
    const copy = (to: number): void => {
      parts.push(source.slice(copied, to));
      length += to - copied;
    };
    this.#mark(length, begin, false);
    for (let at = begin; escape !== undefined && (at = source.indexOf('\\', at)) !== -1 && at < end;) {
      const escaped = escape(at);
      if (escaped === undefined) {
        at += 1;
        continue;
      }
      copy(at);
      parts.push(escaped.text);
      length += escaped.text.length;
      at += escaped.length;
      copied = at;
      this.#mark(length, at, escaped.text !== '');
    }
    if (copied < end) copy(end);
    this.text += parts.join('');
  }

  beginOf(index: number): number {
    const mark = this.#marksUpTo(index) - 1;
    return (this.#places[mark] as number) + index - (this.#at[mark] as number);
  }

  endOf(index: number): number {
    const next = this.#marksUpTo(index);
    return this.#at[next] === index + 1 && this.#isEscaped[next] === true
      ? (this.#places[next] as number)
      : this.beginOf(index) + 1;
  }

  #mark(at: number, place: number, isEscaped: boolean): void {
    this.#at.push(at);
    this.#places.push(place);
    this.#isEscaped.push(isEscaped);
  }

  /** How many marks stand at this index or before it. */
  #marksUpTo(index: number): number {
    let [low, high] = [0, this.#at.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#at[middle] as number) <= index) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
