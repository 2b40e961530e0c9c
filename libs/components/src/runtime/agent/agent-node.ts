import { isCausewayError } from '@causeway/dag';
import { dataOf } from '../../coerce/value.js';
import type { DataValue, Value } from '../../specs/values.js';
import type { ComponentContext, ComponentRuntime } from '../component.js';
import { extractObjects } from '../models/extract-objects.js';
import type { LanguageModel } from '../models/language-model.js';
import { modelMessage } from '../models/model-message.js';
import { parseJsonIn } from '../models/parse-json-in.js';
import { resolveModel } from '../models/choice/resolve-model.js';
import { readSchema } from '../models/structured-output-node.js';
import { streamTokens } from '../models/token-stream.js';
import { readFlag, readTable, readText, readWhole } from '../read-field.js';
import { runAgent } from './agent-loop.js';
import { agentMessages } from './agent-messages.js';
import { agentSteps } from './agent-steps.js';
import { withBuiltInTools } from './built-in-tools.js';
import { toolsIn } from './tool.js';

/** Most model calls, whatever a flow or a request asks for. */
const MOST_MODEL_CALLS = 200;

/** Lets a model work on a task with tools. The structured response is read from the same answer. */
export const agent: ComponentRuntime = {
  type: 'Agent',
  async run(context) {
    const model = await resolveModel(context);
    const { messages, stableMessages, input } = await agentMessages(context, model.name);
    const outcome = await runAgent(context, {
      model,
      tools: withBuiltInTools(context, toolsIn(context.inputs['tools'])),
      messages,
      stableMessages,
      maxCalls: Math.min(MOST_MODEL_CALLS, Math.max(1, readWhole(context, 'max_iterations', 15) || 15)),
      tellsBadCalls: readFlag(context, 'handle_parsing_errors'),
      onText: context.start.outputs.includes('response') ? streamTokens(context) : undefined,
    });
    const outputs: Record<string, Value> = {};
    for (const output of context.start.outputs) {
      if (output === 'response') {
        const contentBlocks = [agentSteps(input, outcome)];
        outputs[output] = modelMessage(context, model, outcome.text, { ...outcome, contentBlocks });
      }
      if (output === 'structured_response') outputs[output] = await readAnswer(context, model, outcome.text);
    }
    return { outputs };
  },
};

/**
 * An answer that does not fit is returned as it is, with the problem: Langflow's agent never fails because of the form
 * of its answer.
 */
async function readAnswer(context: ComponentContext, model: LanguageModel, text: string): Promise<DataValue> {
  if (readTable(context, 'output_schema').rows.length === 0) {
    const json = parseJsonIn(text);
    return dataOf(Array.isArray(json) ? { results: json } : (json ?? { content: text }));
  }
  const fields = readSchema(context);
  try {
    const instructions = readText(context, 'format_instructions');
    const { objects } = await extractObjects(context, model, {
      instructions,
      text,
      name: 'OutputModel',
      fields,
    });
    const [only] = objects;
    return dataOf(objects.length === 1 && only !== undefined ? only : { results: [...objects] });
  } catch (error) {
    if (!isCausewayError(error) || error.code !== 'NODE_FAILED') throw error;
    return dataOf({ content: text, error: error.message });
  }
}
