import { assertNever } from '../errors.js';
import type { InputBinding, InputSource } from '../run.js';
import { type FrameState, NodeStatus, type RunState } from './run-state.js';
import { visitOf } from './step-path.js';
import type { FrameLayout, LayoutField, LayoutInput, LayoutNode, WalkLayout } from './walk-layout.js';

/** A run's state and the layout of its plan. */
export interface WalkPlace {
  readonly state: RunState;
  readonly layout: WalkLayout;
}

/** The values that a field of a node in a frame receives now. */
export function bindField(walk: WalkPlace, key: string, { field, list, edges }: LayoutField): InputBinding {
  const found = edges.map((edge) => sourceOf(walk, key, edge)).filter((source) => source !== undefined);
  if (list || found.length < 2) return { field, sources: found.map(({ source }) => source), list };
  // Only one value: one that came around a cycle is used instead of the earlier one, else the later edge, as in
  // Langflow.
  const chosen = found.findLast(({ returned }) => returned) ?? found.at(-1);
  return { field, sources: chosen === undefined ? [] : [chosen.source], list };
}

/** True when a node is done and has left an output open. */
export function isOpen(frame: FrameState, place: number, output: string): boolean {
  return frame.status[place] === NodeStatus.done && !frame.closed[place]?.includes(output);
}

/** Path of the step that holds an output of a node that is done. */
export function lastPath({ state, layout }: WalkPlace, key: string, place: number, output: string): string {
  const frame = state.frames[key] as FrameState;
  const node = (layout.frames.get(frame.loop) as FrameLayout).nodes[place] as LayoutNode;
  const path = key + visitOf(node.node.path, frame.visits[place] as number);
  return node.isLoop && output !== node.item ? `${path}[done]` : path;
}

function sourceOf(
  walk: WalkPlace,
  key: string,
  edge: LayoutInput,
): { source: InputSource; returned: boolean } | undefined {
  const around = outwards(walk.state, key, edge.up);
  const frame = walk.state.frames[around] as FrameState;
  const { output } = edge;
  switch (edge.kind) {
    case 'item':
      return { source: { path: frame.step, output, index: frame.index }, returned: false };
    case 'back': {
      const path = frame.returned[edge.place]?.[edge.edge];
      return path === undefined ? undefined : { source: { path, output }, returned: true };
    }
    case 'forward':
      if (!isOpen(frame, edge.place, output)) return undefined;
      return { source: { path: lastPath(walk, around, edge.place, output), output }, returned: false };
    default:
      return assertNever(edge);
  }
}

/** The frame that is so many levels further out. */
function outwards(state: RunState, key: string, up: number): string {
  let around = key;
  for (let left = up; left > 0; left--) around = (state.frames[around] as FrameState).parent;
  return around;
}
