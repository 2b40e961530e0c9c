import { dataOf, tableOf } from '../../coerce/value.js';
import type { Value } from '../../specs/values.js';
import type { ComponentContext, ComponentRuntime } from '../component.js';
import { fieldInvalid, nodeFailed } from '../node-failed.js';
import { readTable, readText } from '../read-field.js';
import { extractObjects } from './extract-objects.js';
import { resolveModel } from './choice/resolve-model.js';
import { type SchemaField, parseSchemaRows } from './schema-rows.js';

/** Makes objects from text; a single one is given as it is, several as `results`. */
export const structuredOutput: ComponentRuntime = {
  type: 'StructuredOutput',
  async run(context) {
    const fields = readSchema(context);
    const model = await resolveModel(context);
    const text = readText(context, 'input_value');
    if (text === '')
      throw nodeFailed(context, 'there is no text to read; connect or fill its Input Message.');
    const { objects } = await extractObjects(context, model, {
      instructions: readText(context, 'system_prompt'),
      text,
      name: readText(context, 'schema_name').trim() || 'OutputModel',
      fields,
    });
    const [only] = objects;
    const data = dataOf(objects.length === 1 && only !== undefined ? only : { results: [...objects] });
    const outputs = context.start.outputs.map((name): [string, Value] => [
      name,
      name === 'structured_output' ? data : tableOf(objects),
    ]);
    return { outputs: Object.fromEntries(outputs) };
  },
};

/** The output schema on a node. @throws CausewayError `NODE_FAILED` that names its problem */
export function readSchema(context: ComponentContext): readonly SchemaField[] {
  const fields = parseSchemaRows(readTable(context, 'output_schema').rows);
  if (typeof fields === 'string') throw fieldInvalid(context, `${fields}.`);
  return fields;
}
