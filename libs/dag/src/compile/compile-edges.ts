import { type DraftNode } from './draft-node.js';
import { type EdgeHandles, readHandles, type SourceHandle, type TargetHandle } from '../file/edge-handles.js';
import { isPlainObject, type JsonObject } from '../json.js';
import type { PlanEdge } from '../plan.js';
import { type Problem, ProblemCode } from '../problem.js';
import { ProblemList } from '../problem-list.js';
import { entryOf, isForbiddenName, objectEntry, textAt, textsAt } from '../safe-record.js';
import { indexSpec } from './spec-index.js';
import { typesFit } from './types-fit.js';

/** The valid edges, and the problems of the others. */
export interface CompiledEdges {
  readonly edges: readonly PlanEdge[];
  readonly problems: readonly Problem[];
}

/**
 * Reads each edge's two ends and checks that both exist and fit. Edges are a set: a second one between the same ports
 * is the same edge.
 */
export function compileEdges(
  raw: readonly JsonObject[],
  drafts: ReadonlyMap<string, DraftNode>,
): CompiledEdges {
  const edges = new Map<string, PlanEdge>();
  const problems = new ProblemList();
  for (const one of raw) {
    const result = compileEdge(one, drafts);
    if ('code' in result) problems.add(result);
    else edges.set(JSON.stringify([result.source, result.output, result.target, result.field]), result);
  }
  return { edges: [...edges.values()], problems: problems.toArray() };
}

function compileEdge(raw: JsonObject, drafts: ReadonlyMap<string, DraftNode>): PlanEdge | Problem {
  const [sourceId, targetId] = [textAt(raw, 'source') ?? '', textAt(raw, 'target') ?? ''];
  const source = drafts.get(sourceId);
  const target = drafts.get(targetId);
  if (source === undefined || target === undefined) return nodeMissing(sourceId, targetId, source ?? target);
  const handles = presentNames(readHandles(raw), target);
  if (handles.source === undefined || handles.target === undefined) {
    return blocking(
      ProblemCode.edgeInvalid,
      source,
      target,
      `The edge from "${source.displayName}" to "${target.displayName}" does not say what it connects.`,
      'Delete it in Langflow and draw it again.',
    );
  }
  const output = outputOf(source, handles.source);
  if (output === undefined || !takesEdge(target, handles.target)) {
    const [node, port] =
      output === undefined
        ? [source, `output "${handles.source.output ?? '(unnamed)'}"`]
        : [target, `${handles.target.feedback ? 'output' : 'field'} "${handles.target.field}"`];
    return blocking(
      ProblemCode.edgePortMissing,
      source,
      target,
      `The edge from "${source.displayName}" to "${target.displayName}" needs the ${port}, which "${node.displayName}" does not have.`,
      'Delete the edge in Langflow, update the component, and connect them again.',
    );
  }
  if (!fits(source, output, handles.source, target, handles.target)) {
    const taken = takenTypes(target, handles.target);
    return blocking(
      ProblemCode.edgeTypeMismatch,
      source,
      target,
      `"${source.displayName}" gives ${outputTypes(source, output).join(' or ') || 'nothing'} on its output "${output}", ` +
        `which "${target.displayName}" does not accept in "${handles.target.field}"` +
        `${taken.length > 0 ? ` (it takes ${[...new Set(taken)].join(', ')})` : ''}.`,
      'Connect another output, or put a Type Convert node between the two.',
    );
  }
  const edge = { source: sourceId, output, target: targetId, field: handles.target.field };
  return handles.target.feedback ? { ...edge, feedback: true } : edge;
}

/** The ends of an edge, with the target field's present name. */
function presentNames(handles: EdgeHandles, target: DraftNode): EdgeHandles {
  const field = indexSpec(target.spec).renamed.get(handles.target?.field ?? '');
  if (handles.target === undefined || handles.target.feedback || field === undefined) return handles;
  return { ...handles, target: { ...handles.target, field } };
}

/**
 * Name of the output at which an edge begins. Edges of old files name none; then the first output of a fitting type is
 * used.
 */
function outputOf(source: DraftNode, handle: SourceHandle): string | undefined {
  if (handle.output !== undefined) {
    const known = source.outputs.some((output) => output.name === handle.output);
    return known && !isForbiddenName(handle.output) ? handle.output : undefined;
  }
  if (source.outputs.length === 0) return '';
  const fitting = source.outputs.find((output) => typesFit(output.types, handle.types));
  return (fitting ?? source.outputs[0])?.name;
}

function takesEdge(target: DraftNode, handle: TargetHandle): boolean {
  if (isForbiddenName(handle.field)) return false;
  if (handle.feedback) return target.outputs.some((output) => output.name === handle.field);
  return (
    indexSpec(target.spec).fields.has(handle.field) || isPlainObject(entryOf(target.template, handle.field))
  );
}

function fits(
  source: DraftNode,
  output: string,
  from: SourceHandle,
  target: DraftNode,
  to: TargetHandle,
): boolean {
  // Before 1.0 files had classes in the place of types; such components cannot run, so only the handles are compared.
  if (from.legacy) return from.types.length === 0 || typesFit(from.types, [...to.types, to.type]);
  const accepted = acceptedTypes(target, to);
  if (from.types.length > 0 && !typesFit(from.types, accepted)) return false;
  return typesFit(outputTypes(source, output), accepted);
}

function outputTypes(source: DraftNode, output: string): readonly string[] {
  return source.outputs.find((one) => one.name === output)?.types ?? [];
}

/**
 * The types that a field accepts. The handle, the file's field and the catalogue may each list a name that the others
 * lack.
 */
function takenTypes(target: DraftNode, handle: TargetHandle): string[] {
  // A loop accepts a message as an iteration's result, even if the handle does not list it.
  if (handle.feedback) return [...handle.types, ...outputTypes(target, handle.field), 'Message'];
  const field = objectEntry(target.template, handle.field);
  const spec = indexSpec(target.spec).fields.get(handle.field);
  return [...handle.types, ...(textsAt(field, 'input_types') ?? []), ...(spec?.inputTypes ?? [])];
}

/** The types that a field accepts, and the field's own type, which counts where no types are listed. */
function acceptedTypes(target: DraftNode, handle: TargetHandle): (string | undefined)[] {
  const own = handle.feedback ? undefined : textAt(objectEntry(target.template, handle.field), 'type');
  return [...takenTypes(target, handle), handle.type, own];
}

function nodeMissing(sourceId: string, targetId: string, there: DraftNode | undefined): Problem {
  const missing =
    there === undefined
      ? `"${sourceId}" and "${targetId}"`
      : `"${there.id === sourceId ? targetId : sourceId}"`;
  return {
    code: ProblemCode.edgeNodeMissing,
    // An edge between two missing nodes changes nothing for the nodes that exist.
    severity: there === undefined ? 'warning' : 'blocking',
    message:
      there === undefined
        ? `An edge connects ${missing}, and the flow has neither.`
        : `An edge of "${there.displayName}" leads to the node ${missing}, which the flow does not have.`,
    remedy: 'Delete the edge in Langflow, or add the missing node.',
    nodes: there === undefined ? [] : [there.id],
  };
}

function blocking(
  code: ProblemCode,
  source: DraftNode,
  target: DraftNode,
  message: string,
  remedy: string,
): Problem {
  return { code, severity: 'blocking', message, remedy, nodes: [source.id, target.id] };
}
