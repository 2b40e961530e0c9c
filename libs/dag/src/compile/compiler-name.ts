import type { ComponentSpec } from '../component-spec.js';
import { canonicalJson } from '../json.js';

/** The shape of plans that this build makes and reads. */
export const PLAN_FORMAT = 2;

/** Raised when the compiler makes another plan of the same flow, or more is kept of what it makes. A test holds it against the plans it makes. */
const COMPILER = 7;

/**
 * Names the compiler with its catalogue: a plan that they made stays good while this stays the same.
 *
 * @param sha256  hex digest of the UTF-8 bytes of a text
 */
export function compilerName(specs: readonly ComponentSpec[], sha256: (text: string) => string): string {
  return `${PLAN_FORMAT}.${COMPILER}-${sha256(canonicalJson(specs)).slice(0, 16)}`;
}
