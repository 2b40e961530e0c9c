import { lastOf, getPath, type AttributePath, type Scope } from './paths.js';
import { scimInvalid } from './scim-invalid.js';

/** A filter as it was parsed. `each`: one value of a multi-valued attribute fits all of it. Source: RFC 7644, section 3.4.2.2. */
export type Filter =
  | { readonly kind: 'and' | 'or'; readonly of: readonly Filter[] }
  | { readonly kind: 'not'; readonly of: Filter }
  | { readonly kind: 'present'; readonly path: AttributePath }
  | { readonly kind: 'each'; readonly path: AttributePath; readonly of: Filter }
  | Comparison;

export interface Comparison {
  readonly kind: 'compare';
  readonly path: AttributePath;
  readonly operator: Operator;
  readonly value: FilterValue;
}

export type FilterValue = string | number | boolean | null;

const operators = ['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le'] as const;
export type Operator = (typeof operators)[number];

const MOST_CHARACTERS = 4_000;
const MOST_TOKENS = 500;
const MOST_DEPTH = 20;

/**
 * Parses a filter, such as `userName eq "ann" and not (emails[type eq "work"] or active eq false)`.
 *
 * @throws CausewayError SCIM_INVALID
 */
export function parseFilter(text: string, scope: Scope): Filter {
  const parser = new FilterParser(tokensOf(text), scope);
  const filter = parser.parseOr(0);
  parser.end();
  return filter;
}

type Token =
  | { readonly kind: 'word'; readonly text: string }
  | { readonly kind: 'value'; readonly value: FilterValue }
  | { readonly kind: '(' | ')' | '[' | ']' };

const TOKEN =
  /\s*(?:([()[\]])|("(?:[^"\\]|\\.)*")|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.:-]))|([A-Za-z$][\w.:$-]*))/y;

function tokensOf(text: string): Token[] {
  if (text.length > MOST_CHARACTERS)
    throw scimInvalid('invalidFilter', `A filter has at most ${MOST_CHARACTERS} characters`);
  const tokens: Token[] = [];
  const end = text.trimEnd().length;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < end) {
    const at = TOKEN.lastIndex;
    const found = TOKEN.exec(text);
    if (!found)
      throw scimInvalid(
        'invalidFilter',
        `The filter cannot be read from ${quoted(text.slice(at, at + 30))} on`,
      );
    tokens.push(tokenOf(found));
    if (tokens.length > MOST_TOKENS)
      throw scimInvalid('invalidFilter', `A filter has at most ${MOST_TOKENS} words and brackets`);
  }
  return tokens;
}

function tokenOf([, bracket, string, number, word = '']: RegExpExecArray): Token {
  if (bracket !== undefined) return { kind: bracket as '(' };
  const literal = string ?? number ?? (/^(true|false|null)$/i.test(word) ? word.toLowerCase() : undefined);
  if (literal === undefined) return { kind: 'word', text: word };
  let value: FilterValue;
  try {
    value = JSON.parse(literal) as FilterValue;
  } catch {
    throw scimInvalid('invalidFilter', `${quoted(literal)} is no JSON value`);
  }
  // Postgres has no such texts, so nothing can be equal to one.
  if (typeof value === 'string' && (value.includes('\0') || !value.isWellFormed()))
    throw scimInvalid('invalidFilter', `${quoted(literal)} holds a NUL character or a half of a character`);
  return { kind: 'value', value };
}

class FilterParser {
  private at = 0;

  constructor(
    private readonly tokens: readonly Token[],
    private readonly scope: Scope,
  ) {}

  parseOr(depth: number, scope = this.scope): Filter {
    if (depth > MOST_DEPTH)
      throw scimInvalid('invalidFilter', `The brackets of a filter are at most ${MOST_DEPTH} deep`);
    const of = [this.parseAnd(depth, scope)];
    while (this.takeWord('or')) of.push(this.parseAnd(depth, scope));
    return of.length === 1 ? (of[0] as Filter) : { kind: 'or', of };
  }

  /** Throws when something follows. */
  end(): void {
    if (this.at < this.tokens.length) throw this.unexpected();
  }

  private parseAnd(depth: number, scope: Scope): Filter {
    const of = [this.parseOne(depth, scope)];
    while (this.takeWord('and')) of.push(this.parseOne(depth, scope));
    return of.length === 1 ? (of[0] as Filter) : { kind: 'and', of };
  }

  private parseOne(depth: number, scope: Scope): Filter {
    const isNot = this.takeWord('not');
    if (this.take('(')) {
      const of = this.parseOr(depth + 1, scope);
      this.expect(')');
      return isNot ? { kind: 'not', of } : of;
    }
    const one = this.parseExpression(depth, scope);
    return isNot ? { kind: 'not', of: one } : one;
  }

  private parseExpression(depth: number, scope: Scope): Filter {
    const token = this.tokens[this.at];
    if (token?.kind !== 'word') throw this.unexpected();
    this.at += 1;
    const path = getPath(token.text, scope, 'invalidFilter');
    if (this.take('[')) {
      const { of: attributes } = lastOf(path);
      if (!attributes) throw scimInvalid('invalidFilter', `${token.text} has no attributes of its own`);
      const of = this.parseOr(depth + 1, { attributes, schemaIds: [] });
      this.expect(']');
      return { kind: 'each', path, of };
    }
    if (this.takeWord('pr')) return { kind: 'present', path };
    const operator = this.operator();
    const literal = this.tokens[this.at];
    if (literal?.kind !== 'value') throw this.unexpected();
    this.at += 1;
    return comparison(simple(path), operator, literal.value);
  }

  private operator(): Operator {
    const token = this.tokens[this.at];
    const found = token?.kind === 'word' && operators.find((one) => one === token.text.toLowerCase());
    if (!found) throw this.unexpected(`one of ${operators.join(', ')} or pr`);
    this.at += 1;
    return found;
  }

  private take(kind: '(' | ')' | '[' | ']'): boolean {
    if (this.tokens[this.at]?.kind !== kind) return false;
    this.at += 1;
    return true;
  }

  private expect(kind: ')' | ']'): void {
    if (!this.take(kind)) throw this.unexpected(kind);
  }

  private takeWord(word: string): boolean {
    const token = this.tokens[this.at];
    if (token?.kind !== 'word' || token.text.toLowerCase() !== word) return false;
    this.at += 1;
    return true;
  }

  private unexpected(wanted?: string): Error {
    const token = this.tokens[this.at];
    const found = token === undefined ? 'its end' : quoted(shown(token));
    const instead = wanted === undefined ? '' : `; there should be ${wanted}`;
    return scimInvalid('invalidFilter', `The filter has ${found} in a place where it cannot be${instead}`);
  }
}

/** `emails eq "…"` is about the addresses. */
function simple(path: AttributePath): AttributePath {
  const { type, of, name } = lastOf(path);
  if (type !== 'complex') return path;
  const value = of?.find((one) => one.name === 'value');
  if (!value) throw scimInvalid('invalidFilter', `${name} has several parts; name one of them`);
  return [...path, value];
}

function comparison(path: AttributePath, operator: Operator, value: FilterValue): Filter {
  const { type, name } = lastOf(path);
  if (value === null) {
    if (operator === 'eq') return { kind: 'not', of: { kind: 'present', path } };
    if (operator === 'ne') return { kind: 'present', path };
    throw scimInvalid('invalidFilter', `null is only compared by eq and ne, not by ${operator}`);
  }
  if (type === 'boolean') {
    const truth = typeof value === 'boolean' ? value : booleanOf(value);
    if (truth === undefined || (operator !== 'eq' && operator !== 'ne'))
      throw scimInvalid('invalidFilter', `${name} is compared by eq or ne with true or false`);
    return { kind: 'compare', path, operator, value: truth };
  }
  if (typeof value !== 'string')
    throw scimInvalid('invalidFilter', `${name} is compared with a text in quotation marks`);
  if (type === 'dateTime' && Number.isNaN(Date.parse(value)))
    throw scimInvalid('invalidFilter', `${name} is compared with a time such as 2026-01-31T00:00:00Z`);
  return { kind: 'compare', path, operator, value };
}

function booleanOf(value: string | number): boolean | undefined {
  const text = String(value).toLowerCase();
  return text === 'true' ? true : text === 'false' ? false : undefined;
}

function shown(token: Token): string {
  if (token.kind === 'word') return token.text;
  return token.kind === 'value' ? JSON.stringify(token.value) : token.kind;
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 100));
}
