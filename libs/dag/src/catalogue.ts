import type { ComponentSpec } from './component-spec.js';
import type { PlanNode } from './plan.js';

/** The components that can run. */
export interface Catalogue {
  /** The spec of a canonical name, of an alias, or of a type whose class is one of these names. */
  find(type: string): ComponentSpec | undefined;
  /** True for types that Langflow itself has, including those that cannot run here. @default those that are found */
  isOfLangflow?(type: string): boolean;
  /**
   * Errors that a node's own values already show, so that they are reported before a run. A few at most.
   *
   * @param wired  fields that an edge fills; their own values are not checked
   */
  check?(node: PlanNode, wired: ReadonlySet<string>): readonly FieldFault[];
}

/** A value with which a component cannot work. */
export interface FieldFault {
  readonly field: string;
  /** A clause that says where and what is wrong, to be placed after `field "Template": `. */
  readonly problem: string;
  /** `blocking`: a run of the node fails. `warning`: it need not fail, since the value may not be used. */
  readonly severity: 'blocking' | 'warning';
}
