import { CoerceError } from '../../coerce/coerce-error.js';

/** A pattern of Python's `re` in RE2's syntax. */
export interface TranslatedPattern {
  readonly text: string;
  /** Whether it has word boundaries, which RE2 supports for ASCII only. */
  readonly hasBoundary: boolean;
}

/**
 * Placed at every word boundary of a marked text, several times, since several `\b` may match there. Unicode reserves
 * this character for internal use, so texts should not contain it.
 */
const mark = '\u{fdd0}';

// In Python these classes contain letters and digits of every script, in RE2 only ASCII.
const sets: Readonly<Record<string, string>> = {
  w: String.raw`_\p{L}\p{N}`,
  d: String.raw`\p{Nd}`,
  s: String.raw`\t-\r\x1c-\x20\x85\p{Z}`,
  // Written as their ranges, since a set may not contain the negation of another one.
  W: String.raw`\p{M}\p{Z}\p{S}\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Pd}\p{Ps}\p{Pe}\p{Pi}\p{Pf}\p{Po}\x{203f}\x{2040}\x{2054}\x{fe33}\x{fe34}\x{fe4d}-\x{fe4f}\x{ff3f}`,
  D: String.raw`\p{L}\p{M}\p{Nl}\p{No}\p{P}\p{S}\p{Z}\p{Cc}\p{Cf}\p{Co}\p{Cn}`,
  S: String.raw`\p{L}\p{M}\p{N}\p{P}\p{S}\p{Cf}\p{Co}\p{Cn}\x00-\x08\x0e-\x1b\x7f-\x{84}\x{86}-\x{9f}`,
};
const asciiSets: Readonly<Record<string, string>> = {
  w: String.raw`_0-9A-Za-z`,
  d: '0-9',
  s: String.raw`\t-\r\x20`,
  W: String.raw`\x00-/:-@\x5b-\x5e\x60\x7b-\x{fdcf}\x{fdd1}-\x{10ffff}`,
  D: String.raw`\x00-/:-\x{fdcf}\x{fdd1}-\x{10ffff}`,
  S: String.raw`\x00-\x08\x0e-\x1f\x21-\x{fdcf}\x{fdd1}-\x{10ffff}`,
};
const controls: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 };

/**
 * Translates a pattern of Python to RE2's syntax.
 *
 * @param marked  for a text from `markBoundaries`
 * @returns       undefined for a text that is no pattern in Python
 * @throws CoerceError for a pattern that cannot be matched in linear time
 */
export function translatePattern(pattern: string, marked = false): TranslatedPattern | undefined {
  return new Translation([...pattern], marked).run();
}

/** A text in which word boundaries are marked, by Python's definition of a word. */
export function markBoundaries(text: string): string {
  return text.replace(/[\p{L}\p{N}_]+/gu, (found) => `${mark.repeat(3)}${found}${mark.repeat(3)}`);
}

/** The settings that a group's own flags change; they end with the group. */
interface Flags {
  readonly multiline: boolean;
  readonly dotAll: boolean;
  readonly ascii: boolean;
}

class Translation {
  private at = 0;
  private out = '';
  private hasBoundary = false;
  private flags: Flags = { multiline: false, dotAll: false, ascii: false };
  private readonly around: Flags[] = [];

  constructor(
    private readonly signs: readonly string[],
    private readonly marked: boolean,
  ) {}

  run(): TranslatedPattern | undefined {
    while (this.at < this.signs.length) if (!this.next()) return undefined;
    return this.around.length > 0 ? undefined : { text: this.out, hasBoundary: this.hasBoundary };
  }

  /** Reads one item; false for an item that Python does not accept. */
  private next(): boolean {
    const sign = this.take();
    switch (sign) {
      case '\\':
        return this.escape();
      case '[':
        return this.set();
      case '(':
        return this.open();
      case ')':
        return this.close();
      case '.':
        return this.dot();
      case '$':
        return this.put(this.flags.multiline ? `${this.marks}$` : `(?:${this.marks}\\n?${this.marks}\\z)`);
      case '^':
      case '|':
        return this.put(sign);
      case '*':
      case '+':
      case '?':
        return this.repeat(sign);
      case '{':
        return this.count();
      default:
        return this.atom(literal(sign.codePointAt(0) as number));
    }
  }

  private escape(): boolean {
    const sign = this.take();
    if (sign === 'b' || sign === 'B') return this.boundary(sign);
    if (sign === 'A') return this.put('\\A');
    if (sign === 'Z') return this.put(`(?:${this.marks}\\z)`);
    const set = this.setOf(sign);
    if (set !== undefined) return this.atom(`[${set}]`);
    const code = this.code(sign);
    return code !== undefined && this.atom(literal(code));
  }

  private boundary(sign: string): boolean {
    if (!this.flags.ascii) this.hasBoundary = true;
    if (!this.marked) return this.put(`\\${sign}`);
    if (sign === 'B' || this.flags.ascii)
      throw new CoerceError(
        `has a pattern with \\${sign}, which cannot be matched in a text with letters beyond ASCII; write it without`,
      );
    return this.put(mark);
  }

  private dot(): boolean {
    if (!this.marked) return this.put('.');
    return this.atom(this.flags.dotAll ? `[^${mark}]` : `[^\\n${mark}]`);
  }

  private set(): boolean {
    const isReverse = this.peek() === '^';
    if (isReverse) this.at += 1;
    let out = '';
    for (let isFirst = true; ; isFirst = false) {
      const sign = this.take();
      if (sign === '') return false;
      if (sign === ']' && !isFirst) break;
      const escaped = sign === '\\' ? this.take() : undefined;
      const set = escaped === undefined ? undefined : this.setOf(escaped);
      if (set !== undefined) {
        // In Python a range cannot begin with a set.
        if (this.peek() === '-' && this.signs[this.at + 1] !== ']') return false;
        out += set;
        continue;
      }
      const code = escaped === undefined ? sign.codePointAt(0) : this.code(escaped, 8);
      if (code === undefined) return false;
      const isRange =
        this.peek() === '-' && this.signs[this.at + 1] !== ']' && this.at + 1 < this.signs.length;
      if (!isRange) {
        out += literal(code);
        continue;
      }
      this.at += 1;
      const end = this.take();
      const endEscape = end === '\\' ? this.take() : undefined;
      const last = endEscape === undefined ? end.codePointAt(0) : this.code(endEscape, 8);
      if (last === undefined || last < code) return false;
      out += `${literal(code)}-${literal(last)}`;
    }
    return this.atom(isReverse ? `[^${out}${this.marked ? mark : ''}]` : `[${out}]`);
  }

  private open(): boolean {
    if (this.peek() !== '?') return this.push('(?:');
    const rest = this.signs.slice(this.at, this.at + 40).join('');
    if (/^\?(?:[=!>(]|<[=!]|P=)/.test(rest)) throw unmatchable();
    if (rest.startsWith('?#')) return this.comment();
    const named = /^\?P<[\p{L}_][\p{L}\p{N}_]*>/u.exec(rest);
    if (named !== null) {
      this.at += [...named[0]].length;
      return this.push('(?:');
    }
    const flags = /^\?([a-zA-Z]*)(?:-([a-zA-Z]+))?([:)])/.exec(rest);
    if (flags === null) return false;
    const [all, on = '', off = '', end] = flags;
    if (/[^aimsux]/.test(on) || /[^imsx]/.test(off)) return false;
    if (on.includes('x')) throw unmatchable();
    if (end === ')' && (on === '' || off !== '')) return false;
    this.at += all.length;
    return this.setFlags(on, off, end === ':');
  }

  private setFlags(on: string, off: string, isGroup: boolean): boolean {
    if (isGroup) this.around.push(this.flags);
    const now = (flag: string, before: boolean): boolean =>
      on.includes(flag) || (before && !off.includes(flag));
    this.flags = {
      multiline: now('m', this.flags.multiline),
      dotAll: now('s', this.flags.dotAll),
      ascii: on.includes('a') || (this.flags.ascii && !on.includes('u')),
    };
    const [kept, dropped] = [on.replace(/[au]/g, ''), off.replace(/x/g, '')];
    const text = `${kept}${dropped === '' ? '' : `-${dropped}`}`;
    return this.put(isGroup ? `(?${text}:` : text === '' ? '' : `(?${text})`);
  }

  private comment(): boolean {
    const end = this.signs.indexOf(')', this.at);
    if (end === -1) return false;
    this.at = end + 1;
    return true;
  }

  private push(text: string): boolean {
    this.around.push(this.flags);
    return this.put(text);
  }

  private close(): boolean {
    const flags = this.around.pop();
    if (flags === undefined) return false;
    this.flags = flags;
    return this.put(')');
  }

  private count(): boolean {
    const rest = this.signs.slice(this.at, this.at + 20).join('');
    const found = /^(\d*)(,?)(\d*)\}/.exec(rest);
    if (found === null || found[0] === '}') return this.atom(literal(0x7b));
    const [all, least = '', comma = '', most = ''] = found;
    this.at += all.length;
    return this.repeat(`{${least === '' ? '0' : least}${comma}${most}}`);
  }

  private repeat(text: string): boolean {
    if (this.peek() === '+') throw unmatchable();
    return this.put(text);
  }

  /** The character of an escape; undefined for an escape that Python does not have. */
  private code(sign: string, b?: number): number | undefined {
    if (sign === 'b') return b;
    const control = Object.hasOwn(controls, sign) ? controls[sign] : undefined;
    if (control !== undefined) return control;
    const digits = { x: 2, u: 4, U: 8 }[sign];
    if (digits !== undefined) return this.number(new RegExp(`^[0-9a-fA-F]{${digits}}`), 16);
    if (/[0-9]/.test(sign)) {
      this.at -= 1;
      const octal = this.number(/^(?:0[0-7]{0,2}|[1-3][0-7]{2})/, 8);
      if (octal === undefined) throw unmatchable();
      return octal;
    }
    if (sign === 'N') throw unmatchable();
    return sign === '' || /[a-zA-Z]/.test(sign) ? undefined : sign.codePointAt(0);
  }

  private number(form: RegExp, base: number): number | undefined {
    const found = form.exec(this.signs.slice(this.at, this.at + 8).join(''))?.[0];
    if (found === undefined) return undefined;
    this.at += found.length;
    const code = Number.parseInt(found, base);
    return code > 0x10ffff ? undefined : code;
  }

  private setOf(sign: string): string | undefined {
    const known = this.flags.ascii ? asciiSets : sets;
    if (!Object.hasOwn(known, sign)) return undefined;
    // The mark is one of the characters without a special meaning.
    return this.marked ? known[sign]?.replace('\\p{Cn}', '') : known[sign];
  }

  private get marks(): string {
    return this.marked ? `${mark}*` : '';
  }

  private atom(text: string): boolean {
    return this.put(this.marked ? `(?:${mark}*${text})` : text);
  }

  private put(text: string): boolean {
    this.out += text;
    return true;
  }

  private peek(): string | undefined {
    return this.signs[this.at];
  }

  private take(): string {
    const sign = this.signs[this.at] ?? '';
    this.at += 1;
    return sign;
  }
}

function literal(code: number): string {
  const isPlain = code > 0x7f || /[0-9A-Za-z]/.test(String.fromCodePoint(code));
  return isPlain ? String.fromCodePoint(code) : `\\x{${code.toString(16)}}`;
}

/** The error for a pattern that is valid in Python but not here. */
export function unmatchable(): CoerceError {
  return new CoerceError(
    'has a pattern with look-around or back-references, or another part of Python’s that cannot be matched in linear time; write it without them',
  );
}
