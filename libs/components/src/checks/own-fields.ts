import type { FieldFault, Json, PlanNode } from '@causeway/dag';
import { CoerceError } from '../coerce/coerce-error.js';
import { toFlag } from '../coerce/to-scalar.js';

/** The values that a file has on a node itself. Values from edges, variables and models are not known yet. */
export class OwnFields {
  readonly #faults: FieldFault[] = [];

  constructor(
    readonly node: PlanNode,
    readonly wired: ReadonlySet<string>,
  ) {}

  /** The value of a field; undefined when it is empty or comes from elsewhere. */
  value(field: string): Json | undefined {
    const own = Object.hasOwn(this.node.fields, field) ? this.node.fields[field] : undefined;
    if (own === undefined || this.wired.has(field) || own.loadFromDb === true) return undefined;
    if (this.node.toolMode && own.toolMode === true) return undefined;
    if (this.node.role === 'input' && field === 'input_value') return undefined;
    return own.value === null || own.value === '' ? undefined : own.value;
  }

  /** The value of a field that contains a text. */
  text(field: string): string | undefined {
    const value = this.value(field);
    return typeof value === 'string' ? value : undefined;
  }

  /** True when a field is switched on. */
  isOn(field: string): boolean {
    try {
      return toFlag(this.value(field)) === true;
    } catch (error) {
      if (error instanceof CoerceError) return false;
      throw error;
    }
  }

  /** Whether a field already has a fault. */
  has(field: string): boolean {
    return this.#faults.some((fault) => fault.field === field);
  }

  /** Adds a fault; it blocks, or only warns if the value may not be used. */
  fault(field: string, problem: string, severity: FieldFault['severity'] = 'blocking'): void {
    this.#faults.push({ field, problem, severity });
  }

  /** Adds the error that reading the field's value throws. */
  read(field: string, how: (value: Json) => unknown, severity: FieldFault['severity'] = 'blocking'): void {
    const value = this.value(field);
    if (value === undefined) return;
    try {
      how(value);
    } catch (error) {
      if (!(error instanceof CoerceError)) throw error;
      this.fault(field, `it ${error.message}.`, severity);
    }
  }

  /** The faults that were found. */
  faults(): readonly FieldFault[] {
    return this.#faults;
  }
}
