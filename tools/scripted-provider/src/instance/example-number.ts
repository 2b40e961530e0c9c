import type { JsonObject } from './flatten-schema.js';

const BY_NAME: readonly (readonly [RegExp, number])[] = [
  [/year$/i, 2024],
  [/age$/i, 30],
  [/(price|cost|amount|total)$/i, 10],
  [/(score|confidence|probability|ratio|weight)$/i, 0.5],
];

/**
 * A number for a field, by its name, within its bounds and steps.
 *
 * @param nth  0 for the first value; others differ from it, for arrays of unique items
 */
export function exampleNumber(name: string, schema: JsonObject, isInteger: boolean, nth: number): number {
  const step = stepOf(schema, isInteger);
  const gap = step ?? 1e-6;
  const lowest = Math.max(numberOr(schema['minimum'], -Infinity), above(schema['exclusiveMinimum'], gap));
  const highest = Math.min(
    numberOr(schema['maximum'], Infinity),
    -above(negated(schema['exclusiveMaximum']), gap),
  );
  const wanted = (BY_NAME.find(([hint]) => hint.test(name))?.[1] ?? 1) + nth * (step ?? 1);
  const inside = Math.min(Math.max(wanted, lowest + (wanted < lowest ? nth * gap : 0)), highest);
  if (step === undefined) return inside;
  let steps = Math.round(inside / step);
  if (steps * step < lowest) steps = Math.ceil(lowest / step);
  if (steps * step > highest) steps = Math.floor(highest / step);
  return tidy(steps * step);
}

/** The grid the number must lie on; undefined when any number will do. */
function stepOf(schema: JsonObject, isInteger: boolean): number | undefined {
  const multiple = numberOr(schema['multipleOf'], 0);
  if (multiple <= 0) return isInteger ? 1 : undefined;
  if (!isInteger || Number.isInteger(multiple)) return multiple;
  for (let times = 2; times <= 1000; times += 1) {
    if (Number.isInteger(tidy(multiple * times))) return tidy(multiple * times);
  }
  return multiple;
}

function above(bound: unknown, gap: number): number {
  return typeof bound === 'number' ? bound + gap : -Infinity;
}

function negated(bound: unknown): unknown {
  return typeof bound === 'number' ? -bound : bound;
}

function numberOr(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise;
}

/** Rounds away the errors of binary fractions: 3 × 0.1 is 0.3. */
function tidy(value: number): number {
  return Number.isInteger(value) ? value : Number(value.toPrecision(12));
}
