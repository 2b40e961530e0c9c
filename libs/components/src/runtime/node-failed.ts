import { causewayError } from '@causeway/contracts';
import type { CausewayError } from '@causeway/dag';
import type { ComponentContext } from './component.js';

/** The error of a component that cannot do its work: it names the node, the problem and the remedy. */
export function nodeFailed(
  context: Pick<ComponentContext, 'node'>,
  problem: string,
  options: { cause?: unknown } = {},
): CausewayError {
  return causewayError('NODE_FAILED', { node: context.node.displayName, problem }, options);
}

/** The error of a component that cannot use the values that its flow or the request gave to its fields. */
export function fieldInvalid(
  context: Pick<ComponentContext, 'node'>,
  problem: string,
  options: { cause?: unknown } = {},
): CausewayError {
  return causewayError('FIELD_INVALID', { node: context.node.displayName, problem }, options);
}
