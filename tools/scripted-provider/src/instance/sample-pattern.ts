/** Patterns longer than this are not sampled. */
const MAX_PATTERN_LENGTH = 500;
/** No part of a sample is repeated beyond this length. */
const MAX_SAMPLE_LENGTH = 10_000;
/** How many repeats beyond the least to try, in this order. */
const EXTRA_REPEATS = [0, 1, 2, 4, 7, 12, 20, 40, 80, 160, 1_000];
/** Long texts that almost match can make an expression backtrack for ever, so they are tried only when a length is required. */
const EXTRA_REPEATS_FOR_SHAPE = 2;

/**
 * A string that matches a regular expression, built by reading the expression and checked by matching it.
 *
 * Best effort: assertions and back-references are skipped, so a pattern that needs them may give no result.
 *
 * @param least  fewest characters the string may have
 * @param most   most characters the string may have
 * @returns      undefined when no attempt matched, or the pattern is not a valid expression or is longer than 500 characters
 */
export function samplePattern(pattern: string, least: number, most: number): string | undefined {
  const expression = compilePattern(pattern);
  if (expression === undefined) return undefined;
  for (const extra of EXTRA_REPEATS) {
    let isLongEnough = false;
    for (const alternative of [0, 1, 2]) {
      const text = new Walk(pattern, extra, alternative).run();
      isLongEnough ||= text.length >= least;
      if (text.length >= least && text.length <= most && expression.test(text)) return text;
    }
    if (isLongEnough && extra >= EXTRA_REPEATS_FOR_SHAPE) return undefined;
  }
  return undefined;
}

/** The pattern as an expression; undefined when it is invalid or too long. */
export function compilePattern(pattern: string): RegExp | undefined {
  if (pattern.length > MAX_PATTERN_LENGTH) return undefined;
  for (const flags of ['u', '']) {
    try {
      return new RegExp(pattern, flags);
    } catch {
      // Tried again without the flag, as schemas are written in both dialects.
    }
  }
  return undefined;
}

const CLASS_SAMPLES: Readonly<Record<string, string>> = {
  d: '1',
  w: 'a',
  s: ' ',
  D: 'a',
  W: '-',
  S: 'a',
  n: '\n',
  t: '\t',
  r: '\r',
  f: '\f',
  v: '\v',
  0: '\0',
};
const NEGATED_CANDIDATES = 'a1A- _b2.~\n';

/** One pass over a pattern, taking the given alternative and `extra` repeats wherever there is a choice. */
class Walk {
  private at = 0;

  constructor(
    private readonly pattern: string,
    private readonly extra: number,
    private readonly alternative: number,
  ) {}

  run(): string {
    return this.readAlternatives();
  }

  private readAlternatives(): string {
    const found = [this.readSequence()];
    while (this.pattern[this.at] === '|') {
      this.at += 1;
      found.push(this.readSequence());
    }
    return found[Math.min(this.alternative, found.length - 1)] ?? '';
  }

  private readSequence(): string {
    let text = '';
    while (this.at < this.pattern.length && !'|)'.includes(this.pattern.charAt(this.at))) {
      const atom = this.readAtom();
      const repeats = this.readRepeats();
      text += atom.repeat(Math.min(repeats, Math.ceil(MAX_SAMPLE_LENGTH / Math.max(1, atom.length))));
    }
    return text;
  }

  private readAtom(): string {
    const char = String.fromCodePoint(this.pattern.codePointAt(this.at) ?? 0);
    this.at += char.length;
    if (char === '^' || char === '$') return '';
    if (char === '.') return 'a';
    if (char === '(') return this.readGroup();
    if (char === '[') return this.readClass();
    if (char === '\\') return this.readEscape();
    return char;
  }

  private readGroup(): string {
    const opening = /^\?(?:<?[=!]|:|<[^>]*>)/.exec(this.pattern.slice(this.at))?.[0] ?? '';
    this.at += opening.length;
    const inside = this.readAlternatives();
    this.at += 1;
    return /[=!]$/.test(opening) ? '' : inside;
  }

  private readEscape(): string {
    const rest = this.pattern.slice(this.at);
    const coded = /^(?:x([0-9a-f]{2})|u([0-9a-f]{4})|u\{([0-9a-f]+)\})/i.exec(rest);
    if (coded !== null) {
      this.at += coded[0].length;
      return String.fromCodePoint(Number.parseInt(coded[1] ?? coded[2] ?? coded[3] ?? '61', 16));
    }
    const property = /^p\{([^}]*)\}/i.exec(rest);
    if (property !== null) {
      this.at += property[0].length;
      const name = property[1] ?? '';
      return name.startsWith('N') ? '1' : name.startsWith('Lu') ? 'A' : 'a';
    }
    const char = rest.charAt(0);
    this.at += 1;
    if (char === 'b' || char === 'B' || /[1-9]/.test(char)) return '';
    return CLASS_SAMPLES[char] ?? char;
  }

  private readClass(): string {
    const start = this.at;
    const isNegated = this.pattern[this.at] === '^';
    if (isNegated) this.at += 1;
    let first: string | undefined;
    while (this.at < this.pattern.length && this.pattern[this.at] !== ']') {
      const member = this.pattern[this.at] === '\\' ? this.readEscape() : this.readAtomInClass();
      first ??= member;
    }
    this.at += 1;
    if (!isNegated) return first ?? '';
    const expression = compilePattern(`[${this.pattern.slice(start, this.at)}`);
    return [...NEGATED_CANDIDATES].find((candidate) => expression?.test(candidate)) ?? '';
  }

  private readAtomInClass(): string {
    const char = String.fromCodePoint(this.pattern.codePointAt(this.at) ?? 0);
    this.at += char.length;
    return char;
  }

  private readRepeats(): number {
    const found = /^(?:[*+?]|\{(\d+)(,?)(\d*)\})\??/.exec(this.pattern.slice(this.at));
    if (found === null) return 1;
    this.at += found[0].length;
    const sign = found[0].charAt(0);
    if (sign === '*') return this.extra;
    if (sign === '+') return 1 + this.extra;
    if (sign === '?') return Math.min(1, this.extra);
    const least = Number(found[1]);
    const most = found[2] === '' ? least : found[3] === '' ? Infinity : Number(found[3]);
    return Math.min(least + this.extra, most);
  }
}
