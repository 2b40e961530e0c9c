/** A JSON text without some of its objects. */
export interface SplitJson {
  /** The text, with `{"":n}` in the place of the n-th object that was taken out. */
  readonly rest: Buffer;
  /** The objects that were taken out, as written in the text. */
  readonly objects: readonly Buffer[];
}

/** The limit that a text exceeds. */
export type SplitProblem = 'deep' | 'values' | 'rest';

/** A text cannot be split: it exceeds a limit, or is not JSON. */
export class SplitError extends Error {
  constructor(
    message: string,
    readonly problem?: SplitProblem,
  ) {
    super(message);
  }
}

/** Limits of a text. */
export interface SplitLimits {
  /** Levels of nesting. */
  readonly levels: number;
  /** Values in the whole text. */
  readonly values: number;
  /** Bytes of the text without the objects that are taken out. */
  readonly restBytes: number;
}

/**
 * Takes the objects at a path out of a JSON text without parsing them: they may be large, and another service reads them. Other values stay.
 * It is a generator that pauses after each 256 KiB, so that other requests are served. Only the text around the path is checked to be JSON.
 *
 * @param path  names of members, or `*` for each item of a list: `['flows', '*', 'data']`
 * @throws SplitError
 */
export function* splitJson(
  text: Buffer,
  path: readonly string[],
  limits: SplitLimits,
): Generator<void, SplitJson> {
  const splitter = new Splitter(text, limits);
  yield* splitter.value(path, 1);
  splitter.end();
  return splitter.result();
}

class Splitter {
  private at = 0;
  private turnAt = TURN_BYTES;
  private values = 0;
  private keptFrom = 0;
  private restBytes = 0;
  private readonly rest: Buffer[] = [];
  private readonly objects: Buffer[] = [];

  constructor(
    private readonly text: Buffer,
    private readonly limits: SplitLimits,
  ) {}

  /** A value at `path` below which something is taken out. */
  *value(path: readonly string[], level: number): Generator<void> {
    const [step, ...below] = path;
    const sign = this.sign();
    if (step === undefined) {
      if (sign === OPEN_BRACE) yield* this.take(level);
      else yield* this.skip(level);
    } else if (step === '*' && sign === OPEN_BRACKET) yield* this.items(below, level);
    else if (step !== '*' && sign === OPEN_BRACE) yield* this.members(step, below, level);
    else yield* this.skip(level);
  }

  end(): void {
    if (this.sign() !== undefined) throw this.unexpected();
    this.keep(this.text.length);
  }

  result(): SplitJson {
    return { rest: Buffer.concat(this.rest), objects: this.objects };
  }

  private *items(below: readonly string[], level: number): Generator<void> {
    this.open(level);
    if (this.sign() === CLOSE_BRACKET) return void this.at++;
    for (;;) {
      yield* this.value(below, level + 1);
      const sign = this.sign();
      if (sign !== COMMA && sign !== CLOSE_BRACKET) throw this.unexpected();
      this.at++;
      if (sign === CLOSE_BRACKET) return;
    }
  }

  private *members(name: string, below: readonly string[], level: number): Generator<void> {
    this.open(level);
    if (this.sign() === CLOSE_BRACE) return void this.at++;
    for (;;) {
      if (this.sign() !== QUOTE) throw this.unexpected();
      const start = this.at;
      yield* this.string();
      const isNamed = this.isName(start, this.at, name);
      if (this.sign() !== COLON) throw this.unexpected();
      this.at++;
      if (isNamed) yield* this.value(below, level + 1);
      else yield* this.skip(level + 1);
      const sign = this.sign();
      if (sign !== COMMA && sign !== CLOSE_BRACE) throw this.unexpected();
      this.at++;
      if (sign === CLOSE_BRACE) return;
    }
  }

  private *take(level: number): Generator<void> {
    this.keep(this.at);
    const start = this.at;
    yield* this.skip(level);
    this.rest.push(Buffer.from(`{"":${this.objects.length}}`));
    this.objects.push(this.text.subarray(start, this.at));
    this.keptFrom = this.at;
  }

  /** Passes over one value, whatever it holds. */
  private *skip(level: number): Generator<void> {
    const { text } = this;
    const first = this.sign();
    if (first === QUOTE) {
      this.count();
      return yield* this.string();
    }
    if (first !== OPEN_BRACE && first !== OPEN_BRACKET) return this.scalar();
    let depth = level - 1;
    for (;;) {
      const sign = text[this.at];
      if (sign === undefined) throw this.unexpected();
      if (this.at >= this.turnAt) yield this.turn();
      if (sign === QUOTE) {
        yield* this.string();
        continue;
      }
      this.at++;
      if (sign === COMMA) this.count();
      else if (sign === OPEN_BRACE || sign === OPEN_BRACKET) {
        this.count();
        if (++depth > this.limits.levels) throw new SplitError('nested too deep', 'deep');
      } else if ((sign === CLOSE_BRACE || sign === CLOSE_BRACKET) && --depth < level) return;
    }
  }

  private *string(): Generator<void> {
    const { text } = this;
    for (let at = this.at + 1; at < text.length; at++) {
      const sign = text[at];
      if (sign === QUOTE) {
        this.at = at + 1;
        return;
      }
      if (sign === BACKSLASH) at++;
      if (at >= this.turnAt) {
        this.at = at;
        yield this.turn();
      }
    }
    this.at = text.length;
    throw this.unexpected();
  }

  private scalar(): void {
    this.count();
    const start = this.at;
    // The parser checks the number or word later; a valid one is not this long.
    while (this.at < this.text.length && !ends.has(this.text[this.at] as number))
      if (++this.at - start > MOST_SCALAR_BYTES) throw this.unexpected();
    if (this.at === start) throw this.unexpected();
  }

  /** The character at which the next token begins; spaces are skipped. */
  private sign(): number | undefined {
    for (;;) {
      const sign = this.text[this.at];
      if (sign !== 0x20 && sign !== 0x0a && sign !== 0x0d && sign !== 0x09) return sign;
      this.at++;
    }
  }

  private open(level: number): void {
    if (level > this.limits.levels) throw new SplitError('nested too deep', 'deep');
    this.count();
    this.at++;
  }

  private count(): void {
    if (++this.values > this.limits.values) throw new SplitError('too many values', 'values');
  }

  /** Appends the text before `end` that is not taken out to the rest. */
  private keep(end: number): void {
    this.restBytes += end - this.keptFrom;
    if (this.restBytes > this.limits.restBytes) throw new SplitError('too long', 'rest');
    this.rest.push(this.text.subarray(this.keptFrom, end));
  }

  /** Whether the text between these positions, with its quotes, is this name, also with escapes. */
  private isName(start: number, end: number, name: string): boolean {
    const key = this.text.subarray(start, end);
    if (!key.includes(BACKSLASH)) return key.length === name.length + 2 && key.includes(name);
    // Each character takes six if it is escaped.
    return key.length <= 6 * name.length + 2 && isWritten(key.toString(), name);
  }

  private turn(): void {
    this.turnAt = this.at + TURN_BYTES;
  }

  private unexpected(): SplitError {
    const sign = this.text[this.at];
    const what = sign === undefined ? 'end' : `"${String.fromCharCode(sign)}"`;
    return new SplitError(`unexpected ${what} at byte ${this.at + 1}`);
  }
}

function isWritten(key: string, name: string): boolean {
  try {
    return JSON.parse(key) === name;
  } catch {
    return false;
  }
}

const TURN_BYTES = 256 * 1024;
const MOST_SCALAR_BYTES = 1_000;
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const ends: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d, COMMA, CLOSE_BRACE, CLOSE_BRACKET]);
