import type { ComponentSpec } from '../component-spec.js';
import { canonicalJson } from '../json.js';

/** The shape of the plans that this build makes and reads. */
export const PLAN_FORMAT = 2;

/**
 * Raise it when the compiler makes another plan of the same flow, or when more of what it makes is stored. A test
 * compares it with the plans.
 */
const COMPILER = 13;

/**
 * Names the compiler together with its catalogue: a stored plan stays valid while this name stays the same.
 *
 * @param sha256  hex digest of the UTF-8 bytes of a text
 */
export function compilerName(specs: readonly ComponentSpec[], sha256: (text: string) => string): string {
  return `${PLAN_FORMAT}.${COMPILER}-${sha256(canonicalJson(specs)).slice(0, 16)}`;
}
