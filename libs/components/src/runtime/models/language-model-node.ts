import type { DataValue, MessageValue, TableValue, Value } from '../../specs/values.js';
import { dataOf, tableOf } from '../../coerce/value.js';
import type { ComponentContext, ComponentRuntime, Handle } from '../component.js';
import { nodeFailed } from '../node-failed.js';
import { readMessage, readText } from '../read-field.js';
import type { Turn } from './conversation.js';
import { type LanguageModel, modelHandle } from './language-model.js';
import { modelMessage } from './model-message.js';
import { parseJsonIn } from './parse-json-in.js';
import { resolveModel } from './choice/resolve-model.js';
import { streamTokens } from './token-stream.js';

/**
 * Calls a model, or gives it to other nodes; the requested outputs decide.
 *
 * @param provider  the one whose models a component is for; by default a node names its own
 */
export function modelNode(type: string, provider?: string): ComponentRuntime {
  return {
    type,
    async run(context) {
      const model = await resolveModel(context, provider);
      const outputs: Record<string, Value | Handle> = {};
      const asked = context.start.outputs;
      if (asked.includes('model_output')) outputs['model_output'] = modelHandle(model);
      if (asked.some((output) => output !== 'model_output')) {
        const message = await answer(context, model);
        if (asked.includes('text_output')) outputs['text_output'] = message;
        if (asked.includes('data_output')) outputs['data_output'] = asData(message);
        if (asked.includes('dataframe_output')) outputs['dataframe_output'] = asTable(message);
      }
      return { outputs };
    },
  };
}

async function answer(context: ComponentContext, model: LanguageModel): Promise<MessageValue> {
  const { text, files = [] } = readMessage(context, 'input_value');
  const system = readText(context, 'system_message') || readText(context, 'system');
  if (text === '' && files.length === 0 && system === '') {
    throw nodeFailed(context, 'there is nothing to send to the model; connect or fill its Input.');
  }
  const messages: Turn[] = [];
  if (system !== '') messages.push({ role: 'system', text: system });
  if (text !== '' || files.length > 0) {
    messages.push(files.length > 0 ? { role: 'user', text, files } : { role: 'user', text });
  }
  const onText = streamTokens(context);
  const turn = await model.ask(context, onText === undefined ? { messages } : { messages, onText });
  return modelMessage(context, model, turn.text, {
    usage: turn.usage,
    finishReason: turn.finishReason,
  });
}

/** Langflow's Ollama node can give its answer as Data and as a table if a format makes it JSON. */
function asData(message: MessageValue): DataValue {
  const json = parseJsonIn(message.text);
  return dataOf(Array.isArray(json) ? { results: json } : (json ?? { text: message.text }));
}

function asTable(message: MessageValue): TableValue {
  const json = parseJsonIn(message.text);
  const rows = (Array.isArray(json) ? json : [json]).flatMap((row) =>
    typeof row === 'object' && row !== null && !Array.isArray(row) ? [row] : [],
  );
  return tableOf(rows.length > 0 ? rows : [{ text: message.text }]);
}
