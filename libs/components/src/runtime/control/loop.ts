import { causewayError } from '@causeway/contracts';
import type { Json } from '@causeway/dag';
import { toData } from '../../coerce/to-data.js';
import { dataOf, isPlain, tableOf } from '../../coerce/value.js';
import type { DataValue, Value } from '../../specs/values.js';
import type { ComponentContext, ComponentResult, ComponentRuntime, FieldInput } from '../component.js';
import { readAs, readDataList } from '../read-field.js';

/** A longer list is refused, since it could run for days. */
export const maxItems = 10_000;

/** Opens with the list of items; closes with the table of the iterations' results. */
export const loop: ComponentRuntime = {
  type: 'LoopComponent',
  async run(context) {
    return context.start.phase === 'close' ? close(context) : open(context);
  },
};

function open(context: ComponentContext): ComponentResult {
  const items = readDataList(context, 'data');
  if (items.length > maxItems) {
    throw causewayError('LIMIT_STEPS', { node: context.node.displayName, limit: maxItems, what: 'items' });
  }
  return { outputs: { item: { kind: 'plain', value: items } }, items: items.length };
}

/** The results arrive in order as the input of the feedback edge's field, `item`. */
function close(context: ComponentContext): ComponentResult {
  const results = readAs(context, 'item', (gathered) =>
    Array.isArray(gathered) ? (gathered as readonly FieldInput[]).map(resultOf) : [],
  );
  return { outputs: { done: doneValue(context, results) } };
}

/** The result of an iteration as one row; several values in it are kept together, as the rows of a table are. */
function resultOf(input: FieldInput): DataValue {
  const given = isPlain(input) ? input.value : input;
  return Array.isArray(given)
    ? dataOf({ results: (given as readonly FieldInput[]).map(itemOf) })
    : toData(input);
}

function itemOf(item: FieldInput): Json {
  const isScalar = item === null || typeof item !== 'object';
  return isScalar ? ((item ?? null) as Json) : resultOf(item).data;
}

/** A table; or a list of Data if the flow says so, as exports of 1.4 and 1.5 do. */
function doneValue(context: ComponentContext, results: readonly DataValue[]): Value {
  const types = context.node.outputs.find((output) => output.name === 'done')?.types ?? [];
  const isTable = types.length === 0 || types.some((type) => type === 'DataFrame' || type === 'Table');
  return isTable ? tableOf(results.map((item) => item.data)) : { kind: 'plain', value: results };
}
