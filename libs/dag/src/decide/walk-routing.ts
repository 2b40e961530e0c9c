import { reachable } from '../compile/graph/find-cycles.js';
import type { FrameState } from './run-state.js';
import { isOpen } from './walk-inputs.js';
import type { FrameLayout, LayoutNode } from './walk-layout.js';

/**
 * Excludes the nodes that only the closed outputs of a node lead to, until the node runs again. Feedback edges neither
 * exclude nor include a node: what they lead to has settled in this round.
 */
export function exclude(
  frame: FrameState,
  layout: FrameLayout,
  place: number,
  closedOutputs: readonly string[],
): void {
  for (const kept of frame.exclusions[place] ?? [])
    frame.excluded[kept] = (frame.excluded[kept] as number) - 1;
  delete frame.exclusions[place];
  if (closedOutputs.length === 0) return;
  const { forward } = layout.nodes[place] as LayoutNode;
  const behind = (isClosed: boolean): Set<number> =>
    reachable(
      layout.forward,
      forward.filter(({ output }) => closedOutputs.includes(output) === isClosed).map(({ target }) => target),
    );
  const saved = behind(false);
  const kept = [...behind(true)].filter((one) => !saved.has(one));
  for (const one of kept) frame.excluded[one] = (frame.excluded[one] as number) + 1;
  if (kept.length > 0) frame.exclusions[place] = kept;
}

/**
 * Feedback edges that a finished node leaves open. They are followed only if a router of the cycle led to the node in
 * this round: otherwise a node with inputs from elsewhere would repeat its cycle for ever.
 */
export function waysBack(
  frame: FrameState,
  layout: FrameLayout,
  place: number,
  closedOutputs: readonly string[],
): number[] {
  const node = layout.nodes[place] as LayoutNode;
  if (node.cycle === -1) return [];
  const round = frame.rounds[node.region] as number;
  const isLed =
    node.node.role === 'router' ||
    node.arrivals.some(
      ({ source, output }) =>
        layout.nodes[source]?.cycle === node.cycle &&
        frame.led[source] === round &&
        isOpen(frame, source, output),
    );
  if (!isLed) return [];
  frame.led[place] = round;
  return node.back.filter(({ output }) => !closedOutputs.includes(output)).map(({ edge }) => edge);
}
