/** A text that stands in another one in an encoding, with the place of each of its characters there. */
export interface DecodedText {
  readonly text: string;
  readonly begins: readonly number[];
  readonly ends: readonly number[];
}

/** Makes a decoded text, piece by piece. */
export class Decoding implements DecodedText {
  text = '';
  readonly begins: number[] = [];
  readonly ends: number[] = [];

  /** @param escape  what an escape sequence at an index means, and its length; undefined where none begins */
  add(
    source: string,
    begin: number,
    end: number,
    escape?: (at: number) => { readonly text: string; readonly length: number } | undefined,
  ): void {
    const parts: string[] = [];
    for (let at = begin; at < end;) {
      const escaped = source[at] === '\\' ? escape?.(at) : undefined;
      const piece = escaped?.text ?? (source[at] as string);
      const next = at + (escaped?.length ?? 1);
      if (piece !== '') {
        parts.push(piece);
        this.begins.push(at);
        this.ends.push(next);
      }
      at = next;
    }
    this.text += parts.join('');
  }
}
