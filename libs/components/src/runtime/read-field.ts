import type { JsonObject } from '@causeway/dag';
import { CoerceError } from '../coerce/coerce-error.js';
import { toData, toDataList } from '../coerce/to-data.js';
import { toDict } from '../coerce/to-dict.js';
import { toMessage } from '../coerce/to-message.js';
import { toDecimal, toFlag, toWhole } from '../coerce/to-scalar.js';
import { toTable } from '../coerce/to-table.js';
import { toText, toTexts } from '../coerce/to-text.js';
import { catalogue } from '../specs/catalogue.js';
import type { DataValue, MessageValue, TableValue } from '../specs/values.js';
import type { ComponentContext, FieldInput } from './component.js';
import { fieldInvalid } from './node-failed.js';

type NodeInputs = Pick<ComponentContext, 'node' | 'inputs'>;

/** The value of a field; the catalogue's default when the flow has none. */
export function readInput(context: NodeInputs, field: string): FieldInput {
  const given = Object.hasOwn(context.inputs, field) ? context.inputs[field] : undefined;
  if (given !== undefined && given !== null) return given;
  return catalogue.find(context.node.type)?.fields.find(({ name }) => name === field)?.default;
}

/**
 * Reads a field and converts its value.
 *
 * @throws CausewayError `NODE_FAILED` naming the field when its value cannot be used
 */
export function readAs<T>(context: NodeInputs, field: string, coerce: (input: FieldInput) => T): T {
  try {
    return coerce(readInput(context, field));
  } catch (error) {
    if (error instanceof CoerceError)
      throw fieldInvalid(context, `field ${field} ${error.message}.`, { cause: error });
    throw error;
  }
}

export function readText(context: NodeInputs, field: string): string {
  return readAs(context, field, toText);
}

/** A separator: a typed `\\n` is a line end, since the editor's one-line field cannot contain one. */
export function readSeparator(context: NodeInputs, field: string): string {
  return readText(context, field).replaceAll('\\n', '\n');
}

/** The texts of a list field, empty ones left out. */
export function readTexts(context: NodeInputs, field: string): readonly string[] {
  return readAs(context, field, toTexts);
}

export function readMessage(context: NodeInputs, field: string): MessageValue {
  return readAs(context, field, toMessage);
}

export function readData(context: NodeInputs, field: string): DataValue {
  return readAs(context, field, toData);
}

export function readDataList(context: NodeInputs, field: string): readonly DataValue[] {
  return readAs(context, field, toDataList);
}

export function readTable(context: NodeInputs, field: string): TableValue {
  return readAs(context, field, toTable);
}

export function readDict(context: NodeInputs, field: string): JsonObject {
  return readAs(context, field, toDict);
}

/** A boolean; false when neither the flow nor the catalogue has one. */
export function readFlag(context: NodeInputs, field: string): boolean {
  return readAs(context, field, toFlag) ?? readDefault(context, field, toFlag) ?? false;
}

/** A whole number; `fallback` when neither the flow nor the catalogue has one. */
export function readWhole(context: NodeInputs, field: string, fallback = 0): number {
  return readAs(context, field, toWhole) ?? readDefault(context, field, toWhole) ?? fallback;
}

/** A number; undefined when neither the flow nor the catalogue has one. */
export function readDecimal(context: NodeInputs, field: string): number | undefined {
  return readAs(context, field, toDecimal) ?? readDefault(context, field, toDecimal);
}

// An empty number field has its default, as in Langflow's editor.
function readDefault<T>(context: NodeInputs, field: string, coerce: (input: FieldInput) => T): T {
  return readAs({ node: context.node, inputs: {} }, field, coerce);
}
