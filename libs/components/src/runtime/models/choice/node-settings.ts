import type { Json, JsonObject } from '@causeway/dag';
import { toDict } from '../../../coerce/to-dict.js';
import { isMessage } from '../../../coerce/value.js';
import type { ComponentContext, FieldInput } from '../../component.js';
import { fieldInvalid } from '../../node-failed.js';
import { readAs, readDecimal, readFlag, readTable, readWhole } from '../../read-field.js';
import type { ModelParameters } from '../clients/client-options.js';
import { extraParameters } from './extra-parameters.js';
import { objectSchema, parseSchemaRows } from '../schema-rows.js';

type NodeInputs = Pick<ComponentContext, 'node' | 'inputs'>;

/** What a node says about how its model is called; fields that its component lacks change nothing. */
export interface NodeSettings {
  readonly parameters: ModelParameters;
  readonly maxTokens: number | undefined;
  readonly timeoutMs: number | undefined;
  readonly maxRetries: number;
}

/** Ollama's settings: LangChain's name, and the name of the field on a node. */
const ollamaNumbers: Readonly<Record<string, string>> = {
  numCtx: 'num_ctx',
  numGpu: 'num_gpu',
  numThread: 'num_thread',
  repeatLastN: 'repeat_last_n',
  repeatPenalty: 'repeat_penalty',
  tfsZ: 'tfs_z',
};

/** Reads the settings of any model component; zero, negative and empty values mean “not set”, as in Langflow. */
export function readNodeSettings(context: NodeInputs): NodeSettings {
  const seconds = numberAt(context, 'timeout');
  const maxRetries = has(context, 'max_retries') ? readWhole(context, 'max_retries', 2) : 2;
  const maxTokens = positiveAt(context, 'max_tokens') ?? positiveAt(context, 'max_output_tokens');
  return {
    parameters: readParameters(context),
    maxTokens: maxTokens === undefined ? undefined : Math.trunc(maxTokens),
    timeoutMs: seconds !== undefined && seconds > 0 ? seconds * 1000 : undefined,
    maxRetries: maxRetries < 0 ? 2 : maxRetries,
  };
}

/** The trimmed text of a field that the component may lack; empty for anything that is no text. */
export function textAt(context: NodeInputs, field: string): string {
  const value = has(context, field) ? context.inputs[field] : undefined;
  if (typeof value === 'string') return value.trim();
  return isMessage(value) ? value.text.trim() : '';
}

function readParameters(context: NodeInputs): ModelParameters {
  const stop = textAt(context, 'stop_tokens')
    .split(',')
    .map((token) => token.trim())
    .filter((token) => token !== '');
  const temperature = numberAt(context, 'temperature');
  const topP = positiveAt(context, 'top_p');
  const topK = positiveAt(context, 'top_k');
  const seed = numberAt(context, 'seed') ?? numberAt(context, 'random_seed') ?? -1;
  const extra = readExtra(context);
  const headers = readHeaders(context);
  return {
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { topP }),
    ...(topK === undefined ? {} : { topK }),
    ...(seed < 0 ? {} : { seed }),
    ...(stop.length === 0 ? {} : { stop }),
    ...(wantsJson(context) ? { jsonMode: true } : {}),
    ...readFormat(context),
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
    ...(Object.keys(headers).length === 0 ? {} : { headers }),
  };
}

/** A schema on an OpenAI node requests JSON; the prompt describes its shape, as in Langflow. */
function wantsJson(context: NodeInputs): boolean {
  if (has(context, 'json_mode') && readFlag(context, 'json_mode')) return true;
  if (textAt(context, 'format') === 'json') return true;
  const schema: Json | undefined =
    context.node.type === 'OpenAIModel' ? (context.inputs['output_schema'] as Json | undefined) : undefined;
  return typeof schema === 'object' && schema !== null && Object.keys(schema).length > 0;
}

/** On an Ollama node, the columns that the answer must have when structured output is on. */
function readFormat(context: NodeInputs): { format?: JsonObject } {
  if (!has(context, 'enable_structured_output') || !readFlag(context, 'enable_structured_output')) return {};
  const fields = parseSchemaRows(readTable(context, 'format').rows);
  if (typeof fields === 'string') throw fieldInvalid(context, `${fields}.`);
  return { format: objectSchema(fields) };
}

function readExtra(context: NodeInputs): JsonObject {
  if (context.node.type !== 'OllamaModel')
    return has(context, 'model_kwargs') ? readAs(context, 'model_kwargs', readKwargs) : {};
  const extra: JsonObject = {};
  for (const [name, field] of Object.entries(ollamaNumbers)) {
    const value = positiveAt(context, field);
    if (value !== undefined) extra[name] = value;
  }
  const mirostat = ['Mirostat', 'Mirostat 2.0'].indexOf(textAt(context, 'mirostat')) + 1;
  if (mirostat === 0) return extra;
  return {
    ...extra,
    mirostat,
    mirostatEta: positiveAt(context, 'mirostat_eta') ?? (mirostat === 2 ? 0.2 : 0.1),
    mirostatTau: positiveAt(context, 'mirostat_tau') ?? (mirostat === 2 ? 10 : 5),
  };
}

function readKwargs(input: FieldInput): JsonObject {
  return extraParameters(toDict(input));
}

/** The headers by which OpenRouter identifies an application. */
function readHeaders(context: NodeInputs): Record<string, string> {
  const given = { 'HTTP-Referer': textAt(context, 'site_url'), 'X-Title': textAt(context, 'app_name') };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ''));
}

function numberAt(context: NodeInputs, field: string): number | undefined {
  return has(context, field) ? readDecimal(context, field) : undefined;
}

function positiveAt(context: NodeInputs, field: string): number | undefined {
  const number = numberAt(context, field);
  return number !== undefined && number > 0 ? number : undefined;
}

function has(context: NodeInputs, field: string): boolean {
  return Object.hasOwn(context.inputs, field);
}
