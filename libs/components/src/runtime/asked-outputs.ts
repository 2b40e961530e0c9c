import type { Value } from '../specs/values.js';
import type { ComponentContext, Handle } from './component.js';
import { nodeFailed } from './node-failed.js';

/**
 * Makes the requested outputs and no others: each is journaled, so an output that no node reads is not made.
 *
 * @throws CausewayError `NODE_FAILED` for an output that has no maker
 */
export function askedOutputs<T extends Value | Handle>(
  context: Pick<ComponentContext, 'node' | 'start'>,
  makers: Readonly<Record<string, () => T>>,
): Record<string, T> {
  return Object.fromEntries(
    context.start.outputs.map((output) => {
      const make = Object.hasOwn(makers, output) ? makers[output] : undefined;
      if (make === undefined) throw nodeFailed(context, `it has no output ${output} here.`);
      return [output, make()];
    }),
  );
}
