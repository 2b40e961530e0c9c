/** One visit of a node: which node, in which groups and loop iterations, and the number of the visit. */
export interface StepPath {
  /** The loops around the node, outermost first: the Loop node's own path and visit, and the item's index. */
  readonly iterations: readonly { readonly loop: string; readonly visit: number; readonly index: number }[];
  /** Group ids and the node's own id joined by `/`, as in the plan. */
  readonly nodePath: string;
  /** 1 for the first visit, k in `node#k`. */
  readonly visit: number;
  /** Whether it is the closing step of a Loop: `Loop[done]`. */
  readonly done: boolean;
}

/** The text of a step in the journal: `Loop[3]/group/node#2`. */
export function pathOf(step: StepPath): string {
  const around = step.iterations.map((one) => `${visitOf(one.loop, one.visit)}[${one.index}]/`).join('');
  return `${around}${visitOf(step.nodePath, step.visit)}${step.done ? '[done]' : ''}`;
}

/** Reads a node's step path; `node/n` of a call inside a node is returned as the node path `node/n`. */
export function parsePath(path: string): StepPath {
  const parts = path.split(/\[(\d+)\]\//);
  const iterations = [];
  for (let at = 0; at + 1 < parts.length; at += 2) {
    const { nodePath: loop, visit } = parseVisit(parts[at] ?? '');
    iterations.push({ loop, visit, index: Number(parts[at + 1]) });
  }
  const last = parts.at(-1) ?? '';
  const done = last.endsWith('[done]');
  return { iterations, ...parseVisit(done ? last.slice(0, -'[done]'.length) : last), done };
}

/** An id as one segment of a path: ids are free text, and no two steps may share a path. */
export function encodeSegment(id: string): string {
  return id.replace(/[%/#[\]]/g, (sign) => `%${sign.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

/** `node`, or `node#k` from the second visit on. */
export function visitOf(nodePath: string, visit: number): string {
  return visit > 1 ? `${nodePath}#${visit}` : nodePath;
}

function parseVisit(text: string): { nodePath: string; visit: number } {
  const found = /^(.*)#(\d+)$/s.exec(text);
  return found === null
    ? { nodePath: text, visit: 1 }
    : { nodePath: found[1] ?? '', visit: Number(found[2]) };
}
