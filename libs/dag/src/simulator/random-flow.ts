import { compileFlow } from '../compile/compile-flow.js';
import type { Plan, PlanNode } from '../plan.js';
import { emptyRecord } from '../safe-record.js';
import { testCatalogue } from '../testing/test-catalogue.js';
import { testFlow } from '../testing/test-flow.js';
import type { Random } from './random.js';

/** A part of a random flow: the nodes outside of any loop, or those of one body. */
interface Place {
  readonly loop: string | undefined;
  readonly around: Place | undefined;
  /** Outputs at which an edge may begin, later nodes last. */
  readonly ports: string[];
  readonly nodes: string[];
  readonly routers: string[];
  /** Nodes that no edge leaves yet. */
  readonly loose: Set<string>;
}

/** A plan of 3 to 25 nodes with routers, merges, loops in loops, cycles through routers, and paths as in groups. */
export function randomPlan(random: Random): Plan {
  for (;;) {
    const flow = new RandomFlow(random);
    const plan = compileFlow(testFlow(flow.types, flow.edges), testCatalogue);
    // A random edge back may lead around a loop in a way for which no run would be accepted.
    if (plan.problems.some((problem) => problem.severity === 'blocking')) continue;
    return random.chance(30) ? withGroups(plan, random) : plan;
  }
}

class RandomFlow {
  readonly types: Record<string, string> = {};
  readonly edges: string[] = [];
  #count = 0;

  constructor(readonly random: Random) {
    const root = placeIn(undefined, undefined);
    this.#node('ChatInput', root, 'message');
    this.#fill(root, 2 + random.below(9), 0);
    for (const id of [...root.loose].slice(0, 1 + random.below(3))) {
      const port = root.ports.findLast((one) => one.startsWith(`${id}.`));
      const output = this.#node('ChatOutput', root, 'message');
      if (port !== undefined) this.edges.push(`${port} > ${output}.input_value`);
    }
  }

  #fill(place: Place, count: number, depth: number): void {
    for (let left = count; left > 0; left--) {
      const kind = this.random.below(100);
      if (kind < 20 && depth < 2) this.#loop(place, depth);
      else if (kind < 45) this.#router(place);
      else this.#step(place);
    }
    for (const router of place.routers) if (this.random.chance(70)) this.#wayBack(place, router);
  }

  /**
   * An edge from a router to an earlier node: often a cycle, sometimes one inside another, sometimes only one more
   * edge.
   */
  #wayBack(place: Place, router: string): void {
    const before = place.nodes.slice(0, place.nodes.indexOf(router)).slice(-4);
    const targets = before.filter(
      (id) => this.types[id] !== 'ChatInput' && this.types[id] !== 'LoopComponent',
    );
    if (targets.length === 0) return;
    const target = this.random.pick(targets);
    const field = this.types[target] === 'Step' ? this.random.pick(['a', 'c', 'all']) : 'other';
    this.edges.push(
      `${router}.${this.random.pick(outputsOf(this.types[router] ?? ''))} > ${target}.${field}`,
    );
  }

  #step(place: Place): string {
    const id = this.#node('Step', place, 'text');
    if (place.loop !== undefined && this.random.chance(85)) this.#wire(place, id, 'a');
    for (const field of ['a', 'b']) if (this.random.chance(70)) this.#wire(place, id, field);
    if (this.random.chance(30))
      for (let left = 2 + this.random.below(2); left > 0; left--) this.#wire(place, id, 'all');
    // Two edges into a field that takes one value: a merge.
    if (this.random.chance(30)) this.#wire(place, id, 'a');
    return id;
  }

  #router(place: Place): void {
    const type = this.random.pick(['ConditionalRouter', 'SmartRouter']);
    const id = this.#node(type, place);
    this.#wire(place, id, 'input_text');
    place.ports.push(...outputsOf(type).map((output) => `${id}.${output}`));
    place.routers.push(id);
  }

  #loop(place: Place, depth: number): void {
    const id = this.#node('LoopComponent', place);
    if (this.random.chance(95)) this.#wire(place, id, 'data');
    const body = placeIn(id, place);
    body.ports.push(`${id}.item`);
    const first = this.#node('Step', body, 'text');
    this.edges.push(`${id}.item > ${first}.a`);
    this.#fill(body, this.random.below(4), depth + 1);
    const ends = body.ports.filter((port) => !port.startsWith(`${id}.`));
    this.edges.push(`${this.random.pick(ends)} > ${id}.item`);
    place.ports.push(`${id}.done`);
  }

  #wire(place: Place, id: string, field: string): void {
    const own = place.ports.filter((port) => !port.startsWith(`${id}.`));
    const around = place.around?.ports.filter((port) => !port.startsWith(`${place.loop}.`)) ?? [];
    const ports = around.length > 0 && this.random.chance(20) ? around : own;
    if (ports.length === 0) return;
    // Near nodes more often than distant ones, so that graphs are deep as well as wide.
    const near = ports.slice(-4);
    const port = this.random.pick(this.random.chance(60) ? near : ports);
    this.edges.push(`${port} > ${id}.${field}`);
    place.loose.delete(port.slice(0, port.lastIndexOf('.')));
  }

  #node(type: string, place: Place, ...outputs: string[]): string {
    const id = `${type}-${this.#count++}`;
    this.types[id] = type;
    place.nodes.push(id);
    place.loose.add(id);
    place.ports.push(...outputs.map((output) => `${id}.${output}`));
    return id;
  }
}

function placeIn(loop: string | undefined, around: Place | undefined): Place {
  return { loop, around, ports: [], nodes: [], routers: [], loose: new Set() };
}

function outputsOf(type: string): string[] {
  return testCatalogue.find(type)?.outputs.map((output) => output.name) ?? [];
}

function withGroups(plan: Plan, random: Random): Plan {
  const nodes = emptyRecord<PlanNode>();
  for (const node of Object.values(plan.nodes)) {
    nodes[node.id] = random.chance(50) ? { ...node, path: `Group-${random.below(2)}/${node.path}` } : node;
  }
  return { ...plan, nodes };
}
