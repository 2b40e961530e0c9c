import type { ComponentSpec } from './component-spec.js';
import type { PlanNode } from './plan.js';

/** The components that can run. */
export interface Catalogue {
  /** The spec behind a canonical name, an alias, or a type that names one of these as its class. */
  find(type: string): ComponentSpec | undefined;
  /** True for types that Langflow itself has, also those that cannot run here. @default those that are found */
  isOfLangflow?(type: string): boolean;
  /**
   * What a node's own values already show to be wrong, so that it is told before a run is. A few at most.
   *
   * @param wired  fields that an edge fills; their own values do not count
   */
  check?(node: PlanNode, wired: ReadonlySet<string>): readonly FieldFault[];
}

/** A value with which a component cannot work. */
export interface FieldFault {
  readonly field: string;
  /** A clause that says where and what, as it stands behind `field "Template": `. */
  readonly problem: string;
  /** `blocking`: a run of the node fails. `warning`: it may not, since the value may go unused. */
  readonly severity: 'blocking' | 'warning';
}
