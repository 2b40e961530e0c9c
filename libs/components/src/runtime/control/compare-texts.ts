import { RE2JS, RE2JSException } from 're2js';
import { CoerceError } from '../../coerce/coerce-error.js';
import { maxPatternLength } from '../../coerce/limits.js';
import { parseDecimal } from '../../coerce/to-scalar.js';
import { markBoundaries, translatePattern, unmatchable } from './python-pattern.js';

/** Longest text that a pattern is matched with, in characters. */
export const maxPatternTextLength = 100_000;
/** Instructions of the compiled pattern times characters of the text: at most about a second. */
export const maxPatternWork = 10_000_000;

/**
 * Compares two texts as If-Else does. If a text is no number, or a pattern is invalid, the comparison is false.
 *
 * @param operator `equals` … `greater than or equal`; `regex` matches at the start of the text
 * @throws CoerceError for an unknown operator or a pattern beyond the limits
 */
export function compareTexts(text: string, match: string, operator: string, caseSensitive: boolean): boolean {
  if (operator === 'regex') return matchesPattern(text, match);
  const left = caseSensitive ? text : text.toLowerCase();
  const right = caseSensitive ? match : match.toLowerCase();
  switch (operator) {
    case 'equals':
      return left === right;
    case 'not equals':
      return left !== right;
    case 'contains':
      return left.includes(right);
    case 'starts with':
      return left.startsWith(right);
    case 'ends with':
      return left.endsWith(right);
    // Comparing NaN is always false, which is the rule for texts that are no numbers.
    case 'less than':
      return parseDecimal(left) < parseDecimal(right);
    case 'less than or equal':
      return parseDecimal(left) <= parseDecimal(right);
    case 'greater than':
      return parseDecimal(left) > parseDecimal(right);
    case 'greater than or equal':
      return parseDecimal(left) >= parseDecimal(right);
    default:
      throw new CoerceError(`names the operator ${operator}, which is not known`);
  }
}

// The pattern comes from the flow and the text from any caller, so matching must take linear time: RE2 does not
// backtrack.
function matchesPattern(text: string, pattern: string): boolean {
  if (pattern.length > maxPatternLength) {
    throw new CoerceError(`has a pattern of ${pattern.length} characters; the limit is ${maxPatternLength}`);
  }
  if (text.length > maxPatternTextLength) {
    throw new CoerceError(
      `matches a text of ${text.length} characters; the limit is ${maxPatternTextLength}`,
    );
  }
  const plain = compile(pattern, false);
  if (plain === undefined) return false;
  // RE2 finds word boundaries between ASCII letters only; for other texts the boundaries are marked by characters in
  // the text.
  const isMarked = plain.hasBoundary && /\P{ASCII}/u.test(text);
  const { compiled } = (isMarked ? compile(pattern, true) : undefined) ?? plain;
  const given = isMarked ? markBoundaries(text) : text;
  const work = compiled.programSize() * given.length;
  if (work > maxPatternWork) {
    throw new CoerceError(
      `has a pattern too costly for a text of ${text.length} characters (${work} steps; the limit is ${maxPatternWork})`,
    );
  }
  return compiled.matcher(given).lookingAt();
}

interface Compiled {
  readonly compiled: RE2JS;
  readonly hasBoundary: boolean;
}

/**
 * Patterns that are kept for the next visit; the least recently used one is removed first. The number of their
 * instructions is limited too.
 */
const MOST_KEPT = 100;
const MOST_KEPT_INSTRUCTIONS = 500_000;
const kept = new Map<
  string,
  { readonly outcome: Compiled | CoerceError | undefined; readonly size: number }
>();
let keptSize = 0;

/** How many patterns are kept, and how many instructions they have together. @internal */
export function keptPatterns(): { readonly count: number; readonly instructions: number } {
  return { count: kept.size, instructions: keptSize };
}

/** A pattern, compiled once: a cycle visits its If-Else again and again. Undefined for a text that is no pattern. */
function compile(pattern: string, marked: boolean): Compiled | undefined {
  const key = `${marked ? 'm' : 'p'}${pattern}`;
  const known = kept.get(key);
  kept.delete(key);
  const entry = known ?? measured(() => compileAnew(pattern, marked));
  kept.set(key, entry);
  if (known === undefined) keptSize += entry.size;
  for (const [oldest, { size }] of kept) {
    if (kept.size === 1 || (kept.size <= MOST_KEPT && keptSize <= MOST_KEPT_INSTRUCTIONS)) break;
    kept.delete(oldest);
    keptSize -= size;
  }
  if (entry.outcome instanceof CoerceError) throw entry.outcome;
  return entry.outcome;
}

function measured(make: () => Compiled | undefined): {
  readonly outcome: Compiled | CoerceError | undefined;
  readonly size: number;
} {
  try {
    const outcome = make();
    return { outcome, size: outcome?.compiled.programSize() ?? 0 };
  } catch (error) {
    if (!(error instanceof CoerceError)) throw error;
    return { outcome: error, size: 0 };
  }
}

function compileAnew(pattern: string, marked: boolean): Compiled | undefined {
  const translated = translatePattern(pattern, marked);
  if (translated === undefined) return undefined;
  try {
    return { compiled: RE2JS.compile(translated.text), hasBoundary: translated.hasBoundary };
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    // A pattern that only RE2 refuses, such as a thousand repetitions, must be an error, not a comparison that is
    // false.
    if (isPattern(pattern)) throw unmatchable();
    return undefined;
  }
}

function isPattern(pattern: string): boolean {
  try {
    return new RegExp(pattern, 'u') instanceof RegExp;
  } catch {
    return false;
  }
}
