/** Longest expression, in characters. */
export const maxExpressionLength = 1000;
/** How deep parentheses, signs and powers may nest. */
export const maxExpressionDepth = 50;

/** An expression that has no value; the message is for its author. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError';
}

/**
 * The value of an arithmetic expression.
 *
 *     sum     = product { ('+' | '-') product }
 *     product = sign { ('*' | '/' | '%') sign }
 *     sign    = ('+' | '-') sign | power
 *     power   = atom [ '**' sign ]
 *     atom    = number | '(' sum ')'
 *
 * `%` takes the sign of its right side, as in Python.
 *
 * @throws ExpressionError
 */
export function calculate(expression: string): number {
  if (expression.length > maxExpressionLength) {
    throw new ExpressionError(
      `Invalid expression: it has ${expression.length} characters; the limit is ${maxExpressionLength}`,
    );
  }
  const reader = new ExpressionReader(tokensOf(expression));
  const value = reader.sum(0);
  reader.expectEnd();
  if (!Number.isFinite(value)) throw new ExpressionError('Invalid expression: the result is out of range');
  return value;
}

/** A number with up to six decimals, without trailing zeros. */
export function formatResult(value: number): string {
  if (Math.abs(value) >= 1e21) return BigInt(value).toString();
  const text = value.toFixed(6).replace(/\.?0+$/, '');
  return text === '-0' ? '0' : text;
}

function tokensOf(expression: string): readonly string[] {
  const token = /\s*(?:(\d+(?:_\d+)*(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)|(\*\*|[-+*/%()]))/y;
  const tokens: string[] = [];
  const text = expression.trimEnd();
  while (token.lastIndex < text.length) {
    const at = token.lastIndex;
    const match = token.exec(text);
    if (match === null) throw unexpected(text.slice(at).trimStart()[0] ?? '');
    tokens.push((match[1] ?? match[2]) as string);
  }
  return tokens;
}

class ExpressionReader {
  private at = 0;

  constructor(private readonly tokens: readonly string[]) {}

  sum(depth: number): number {
    let value = this.product(depth);
    for (;;) {
      if (this.take('+')) value += this.product(depth);
      else if (this.take('-')) value -= this.product(depth);
      else return value;
    }
  }

  expectEnd(): void {
    const rest = this.tokens[this.at];
    if (rest !== undefined) throw unexpected(rest);
  }

  private product(depth: number): number {
    let value = this.sign(depth);
    for (;;) {
      if (this.take('*')) value *= this.sign(depth);
      else if (this.take('/')) value /= divisor(this.sign(depth));
      else if (this.take('%')) value = modulo(value, divisor(this.sign(depth)));
      else return value;
    }
  }

  private sign(depth: number): number {
    if (depth > maxExpressionDepth) {
      throw new ExpressionError(
        `Invalid expression: it nests deeper than the limit of ${maxExpressionDepth}`,
      );
    }
    if (this.take('-')) return -this.sign(depth + 1);
    if (this.take('+')) return this.sign(depth + 1);
    return this.power(depth);
  }

  private power(depth: number): number {
    const base = this.atom(depth);
    if (!this.take('**')) return base;
    const exponent = this.sign(depth + 1);
    if (base === 0 && exponent < 0) throw new ExpressionError('Error: Division by zero');
    const value = base ** exponent;
    if (Number.isNaN(value)) throw new ExpressionError('Invalid expression: a root of a negative number');
    return value;
  }

  private atom(depth: number): number {
    if (this.take('(')) {
      const value = this.sum(depth + 1);
      if (!this.take(')')) throw new ExpressionError('Invalid expression: a parenthesis is not closed');
      return value;
    }
    const token = this.tokens[this.at];
    if (token === undefined) throw new ExpressionError('Invalid expression: it ends too early');
    if (!/^[\d.]/.test(token)) throw unexpected(token);
    this.at += 1;
    return Number(token.replaceAll('_', ''));
  }

  private take(token: string): boolean {
    if (this.tokens[this.at] !== token) return false;
    this.at += 1;
    return true;
  }
}

function divisor(value: number): number {
  if (value === 0) throw new ExpressionError('Error: Division by zero');
  return value;
}

function modulo(left: number, right: number): number {
  const rest = left % right;
  return rest !== 0 && rest < 0 !== right < 0 ? rest + right : rest;
}

function unexpected(token: string): ExpressionError {
  return new ExpressionError(
    `Invalid expression: unexpected ${token}; only numbers and + - * / % ** ( ) may be used`,
  );
}
