import { isPlainObject, type Json, type JsonObject } from '@causeway/dag';
import type { ComponentContext, TokenUsage } from '../component.js';
import { nodeFailed } from '../node-failed.js';
import type { AssistantTurn, ToolOffer, Turn } from './conversation.js';
import type { LanguageModel } from './language-model.js';
import { parseJsonIn } from './parse-json-in.js';
import { type SchemaField, fitToSchema, objectSchema } from './schema-rows.js';

/** What to find, and in which text. */
export interface Extraction {
  readonly instructions: string;
  readonly text: string;
  /** The name of one object. */
  readonly name: string;
  readonly fields: readonly SchemaField[];
}

/** The objects that were found, at least one. */
export interface Extracted {
  readonly objects: readonly JsonObject[];
  readonly usage: TokenUsage | undefined;
}

/**
 * Lets a model fill a schema: it must call one tool whose argument is the list of objects. If the answer does not fit,
 * the model gets the problem and one more try.
 *
 * @throws CausewayError `NODE_FAILED` when it gives no object, or none that fits
 */
export async function extractObjects(
  context: ComponentContext,
  model: LanguageModel,
  { instructions, text, name, fields }: Extraction,
): Promise<Extracted> {
  const tool = listTool(name, fields);
  const messages: Turn[] = [
    ...(instructions === '' ? [] : [{ role: 'system' as const, text: instructions }]),
    { role: 'user', text },
  ];
  let usage: TokenUsage | undefined;
  let problem = '';
  for (let attempt = 1; attempt <= 2; attempt += 1) {
    const turn = await model.ask(context, { messages, tools: [tool], mustCall: tool.name });
    usage = addUsage(usage, turn.usage);
    const objects = objectsIn(turn).map((object) => fitToSchema(object, fields));
    const misfit = objects.find((object) => typeof object === 'string');
    if (objects.length > 0 && misfit === undefined) return { objects: objects as JsonObject[], usage };
    if (turn.finishReason !== undefined) throw cutShort(context, turn);
    problem = misfit ?? 'it gave no object';
    messages.push(turn, ...corrections(turn, problem));
  }
  throw nodeFailed(context, `the model's answer does not fit the output schema: ${problem}.`);
}

/** The same request would be cut at the same place. */
function cutShort(context: ComponentContext, { usage, finishReason }: AssistantTurn): Error {
  if (finishReason === 'content_filter') {
    return nodeFailed(
      context,
      "the provider's content filter stopped the model before its answer was complete; change the text or the instructions that it is given.",
    );
  }
  const after = usage === undefined ? '' : ` after ${usage.output} tokens`;
  return nodeFailed(
    context,
    `the model stopped for length${after}, before its answer was complete; raise its Max Tokens, or give it less to read.`,
  );
}

function listTool(name: string, fields: readonly SchemaField[]): ToolOffer {
  const description = `A list of ${name}.`;
  const toolName = name.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 64);
  const objects: JsonObject = { type: 'array', description, minItems: 1, items: objectSchema(fields) };
  return {
    name: toolName,
    description,
    parameters: { type: 'object', properties: { objects }, required: ['objects'] },
  };
}

/** Models that cannot be forced to call a tool write the arguments, or only the objects, as text. */
function objectsIn(turn: AssistantTurn): readonly Json[] {
  const given = turn.toolCalls?.[0]?.args ?? parseJsonIn(turn.text);
  if (given === undefined) return [];
  if (Array.isArray(given)) return given;
  const list = given['objects'];
  if (Array.isArray(list)) return list;
  return isPlainObject(list) ? [list as JsonObject] : [given];
}

function corrections(turn: AssistantTurn, problem: string): Turn[] {
  const text = `This does not fit the schema: ${problem}. Give all objects again.`;
  const calls = turn.toolCalls ?? [];
  if (calls.length === 0) return [{ role: 'user', text }];
  return calls.map(({ id, name }) => ({ role: 'tool', callId: id, name, text, failed: true }));
}

/** The sum of the tokens of several calls; undefined when none was counted. */
export function addUsage(sum: TokenUsage | undefined, one: TokenUsage | undefined): TokenUsage | undefined {
  if (sum === undefined || one === undefined) return sum ?? one;
  return { input: sum.input + one.input, output: sum.output + one.output };
}
