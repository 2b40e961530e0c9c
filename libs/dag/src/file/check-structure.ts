import type { FlowDocument } from './flow-document.js';
import { isPlainObject } from '../json.js';
import { type Problem, ProblemCode } from '../problem.js';
import { ProblemList } from '../problem-list.js';
import { isForbiddenName, listAt, objectAt, textAt } from '../safe-record.js';

/** Problems of nodes and names that can be found without the catalogue, also inside groups. */
export function checkStructure(document: FlowDocument): Problem[] {
  const problems = new ProblemList();
  const seen = new Set<string>();
  const graphs: (readonly unknown[])[] = [document.data.nodes];
  for (let nodes = graphs.pop(); nodes !== undefined; nodes = graphs.pop()) {
    for (const [index, node] of nodes.entries()) {
      const problem = checkNode(node, index, seen);
      if (problem !== undefined) problems.add(problem);
      if (!isPlainObject(node)) continue;
      const id = textAt(node, 'id');
      if (id !== undefined) seen.add(id);
      problems.addAll(checkNames(node));
      const inner = objectAt(objectAt(objectAt(objectAt(node, 'data'), 'node'), 'flow'), 'data');
      graphs.push(listAt(inner, 'nodes'));
    }
  }
  return problems.toArray();
}

/** True for the text boxes that Langflow draws between nodes. */
export function isNote(node: Readonly<Record<string, unknown>>): boolean {
  return textAt(node, 'type') === 'noteNode' || textAt(objectAt(node, 'data'), 'type') === 'note';
}

function checkNode(node: unknown, index: number, seen: ReadonlySet<string>): Problem | undefined {
  if (!isPlainObject(node)) return invalid(`Entry ${index + 1} of the flow's nodes is not an object.`, []);
  const id = textAt(node, 'id');
  if (id === undefined || id === '') return invalid(`Entry ${index + 1} of the flow's nodes has no id.`, []);
  if (seen.has(id)) {
    return {
      code: ProblemCode.nodeDuplicate,
      severity: 'blocking',
      message: `Two nodes have the id "${id}".`,
      remedy: 'Delete one of the two in Langflow and add it again: it then gets an id of its own.',
      nodes: isForbiddenName(id) ? [] : [id],
    };
  }
  if (isNote(node)) return undefined;
  const data = objectAt(node, 'data');
  if (textAt(data, 'type') === undefined) return invalid(`Node "${id}" has no type.`, [id]);
  if (!isPlainObject(objectAt(data, 'node')['template']))
    return invalid(`Node "${id}" has no template.`, [id]);
  return undefined;
}

function* checkNames(node: Record<string, unknown>): Generator<Problem> {
  const id = textAt(node, 'id') ?? '';
  const data = objectAt(node, 'data');
  const inner = objectAt(data, 'node');
  const check = function* (what: string, name: string | undefined): Generator<Problem> {
    // No edge or request can name a node with such an id, so its problem concerns the whole flow.
    if (name !== undefined && isForbiddenName(name))
      yield forbidden(what, name, isForbiddenName(id) ? [] : [id]);
  };
  // Ids are stored in text columns, which can hold neither.
  if (id.includes('\0') || !id.isWellFormed()) yield unwritable(id);
  yield* check('a node id', id);
  yield* check('the type of a node', textAt(data, 'type'));
  for (const name of Object.keys(objectAt(inner, 'template'))) yield* check('a field of a node', name);
  for (const output of listAt(inner, 'outputs')) {
    if (isPlainObject(output)) yield* check('an output of a node', textAt(output, 'name'));
  }
}

function forbidden(what: string, name: string, nodes: string[]): Problem {
  return {
    code: ProblemCode.nameForbidden,
    severity: 'blocking',
    message: `"${name}" cannot be ${what}${nodes.length > 0 ? `: "${nodes[0]}"` : ''}.`,
    remedy: 'Rename it; __proto__, constructor and prototype are reserved.',
    nodes,
  };
}

function unwritable(id: string): Problem {
  return {
    code: ProblemCode.nameForbidden,
    severity: 'blocking',
    message: `The node id ${JSON.stringify(id)} contains a character that cannot be stored.`,
    remedy: 'Rename it; NUL and halves of surrogate pairs are not allowed in an id.',
    nodes: [],
  };
}

function invalid(message: string, nodes: string[]): Problem {
  return {
    code: ProblemCode.nodeInvalid,
    severity: 'blocking',
    message,
    remedy: 'Export the flow from Langflow again and send the file unchanged.',
    nodes,
  };
}
