import type { Plan, PlanGroup, PlanNode, PlanPort } from '../plan.js';
import { entryOf } from '../safe-record.js';

/**
 * The fields that the names in a request's tweaks stand for. A caller knows the flow as it is drawn, where groups are
 * closed: ids come before display names, and outer nodes and groups before what is inside a group.
 */
export class TweakTargets {
  readonly #byId = new Map<string, PlanNode | PlanGroup>();
  readonly #byName = new Map<string, PlanNode | PlanGroup>();
  readonly #fieldNames = new Set<string>();

  constructor(readonly plan: Plan) {
    const drawn: readonly (PlanNode | PlanGroup)[] = [...plan.groups, ...Object.values(plan.nodes)];
    const inner = drawn.filter(isInner);
    const outer = drawn.filter((one) => !isInner(one));
    // The last of several with the same name is used, as in Langflow.
    for (const one of [...inner, ...outer]) {
      this.#byId.set(one.id, one);
      this.#byName.set(one.displayName, one);
      for (const name of Object.keys(one.fields)) this.#fieldNames.add(name);
      for (const name of Object.keys(isGroup(one) ? {} : (one.formerFields ?? {})))
        this.#fieldNames.add(name);
    }
  }

  /** The field of a node that runs; undefined when no node or group has the name, or it has no such field. */
  find(key: string, field: string): PlanPort | undefined {
    const target = this.#byId.get(key) ?? this.#byName.get(key);
    if (target === undefined) return undefined;
    const port = this.present(isGroup(target) ? entryOf(target.fields, field) : { node: target.id, field });
    const node = port && entryOf(this.plan.nodes, port.node);
    return node && entryOf(node.fields, port.field) ? port : undefined;
  }

  /**
   * Whether any node or group has such a field. A request may name a million: each that does not exist costs one
   * look-up.
   */
  hasField(name: string): boolean {
    return this.#fieldNames.has(name);
  }

  /** Every field of that name, those of groups after those of nodes: a group's value overrides the inner one. */
  everywhere(field: string): readonly PlanPort[] {
    return [
      ...Object.keys(this.plan.nodes).map((node) => this.present({ node, field })),
      ...this.plan.groups.flatMap((group) => this.present(entryOf(group.fields, field)) ?? []),
    ];
  }

  /** The field under its present name: a request may use its name in another version. */
  private present<T extends PlanPort | undefined>(port: T): T;
  private present(port: PlanPort | undefined): PlanPort | undefined {
    const node = port && entryOf(this.plan.nodes, port.node);
    if (port === undefined || node?.formerFields === undefined) return port;
    if (Object.hasOwn(node.fields, port.field)) return port;
    return { node: port.node, field: entryOf(node.formerFields, port.field) ?? port.field };
  }
}

function isGroup(one: PlanNode | PlanGroup): one is PlanGroup {
  return 'parents' in one;
}

function isInner(one: PlanNode | PlanGroup): boolean {
  return isGroup(one) ? one.parents.length > 0 : one.path.includes('/');
}
