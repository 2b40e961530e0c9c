import type { FieldFault, Json, PlanNode } from '@causeway/dag';
import { CoerceError } from '../coerce/coerce-error.js';

/** What stands on a node itself, which a file shows. What comes over an edge, out of a variable or from a model is not known yet. */
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

  /** The value of a field that holds a text. */
  text(field: string): string | undefined {
    const value = this.value(field);
    return typeof value === 'string' ? value : undefined;
  }

  /** True when a field is switched on. */
  isOn(field: string): boolean {
    const value = this.value(field);
    return value === true || value === 'true' || value === 'True';
  }

  /** Whether a fault of a field is noted already. */
  has(field: string): boolean {
    return this.#faults.some((fault) => fault.field === field);
  }

  /** Notes a fault; it blocks unless the value may go unused. */
  fault(field: string, problem: string, severity: FieldFault['severity'] = 'blocking'): void {
    this.#faults.push({ field, problem, severity });
  }

  /** Notes what a reading of the field's value throws. */
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

  /** What was found. */
  faults(): readonly FieldFault[] {
    return this.#faults;
  }
}
