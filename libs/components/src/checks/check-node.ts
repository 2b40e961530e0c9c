import type { FieldFault, Json, PlanNode } from '@causeway/dag';
import { shortMasked } from '@causeway/dag';
import { checkTemplate } from '../coerce/text/fill-template.js';
import { toDict } from '../coerce/to-dict.js';
import { toDecimal, toFlag } from '../coerce/to-scalar.js';
import { toTable } from '../coerce/to-table.js';
import { toText, toTexts } from '../coerce/to-text.js';
import { translatePattern } from '../runtime/control/python-pattern.js';
import { extraParameters } from '../runtime/models/choice/extra-parameters.js';
import { parseModelField } from '../runtime/models/choice/model-choice.js';
import { findProvider, supportedProviders } from '../runtime/models/providers/providers.js';
import { parseSchemaRows } from '../runtime/models/schema-rows.js';
import { parseCurl } from '../runtime/web/parse-curl.js';
import { toHeaders, withScheme } from '../runtime/web/request-parts.js';
import { CoerceError } from '../coerce/coerce-error.js';
import { maxPatternLength } from '../coerce/limits.js';
import { parsePromptTemplate } from '../specs/prompt-template.js';
import { OwnFields } from './own-fields.js';

/**
 * Errors that a node's own values already show, found when a flow is imported or validated instead of when it runs. The
 * checks read values as the runtime of the component does. A plan contains their results: raise `COMPILER` in
 * `@causeway/dag` when they change.
 */
export function checkNode(node: PlanNode, wired: ReadonlySet<string>): readonly FieldFault[] {
  const own = new OwnFields(node, wired);
  const check = Object.hasOwn(checks, node.type) ? checks[node.type] : undefined;
  check?.(own);
  checkModel(own);
  if (node.fields['model_name'] !== undefined || node.fields['model'] !== undefined) checkProvider(own);
  checkKinds(own);
  return own.faults();
}

const checks: Readonly<Record<string, (own: OwnFields) => void>> = {
  Prompt: checkPrompt,
  ConditionalRouter: checkComparison,
  ParserComponent: (own) => {
    if (own.text('mode') !== 'Stringify') checkText(own, 'pattern');
  },
  ParseData: (own) => checkText(own, 'template'),
  ParseDataFrame: (own) => checkText(own, 'template'),
  Memory: (own) => {
    if (own.node.usedOutputs.includes('messages_text')) checkText(own, 'template');
  },
  APIRequest: checkRequest,
  URLComponent: (own) => {
    own.read('urls', (value) => toTexts(value).forEach(checkUrl));
    own.read('headers', toHeaders);
  },
  StructuredOutput: (own) => checkSchema(own),
  Agent: (own) => {
    if (own.node.usedOutputs.includes('structured_response')) checkSchema(own, { mayBeEmpty: true });
  },
  File: (own) => {
    if (own.isOn('advanced_mode'))
      own.fault('advanced_mode', 'the Advanced Parser is not available here; turn it off.');
  },
};

function checkPrompt(own: OwnFields): void {
  const template = own.text('template');
  if (template === undefined) return;
  const { parts, problems } = parsePromptTemplate(template, own.isOn('use_double_brackets'));
  if (problems.length > 0) return own.fault('template', problems.join(' '));
  const { fields } = own.node;
  const missing = parts.find((part) => 'variable' in part && !Object.hasOwn(fields, part.variable));
  if (missing !== undefined && 'variable' in missing) {
    const name = missing.variable.slice(0, 40);
    own.fault('template', `it uses {${name}}, but the node has no field ${name}; add one.`);
  }
}

function checkComparison(own: OwnFields): void {
  if (own.text('operator') !== 'regex') return;
  own.read('match_text', (value) => {
    const pattern = toText(value);
    if (pattern.length > maxPatternLength)
      throw new CoerceError(
        `has a pattern of ${pattern.length} characters; the limit is ${maxPatternLength}`,
      );
    if (translatePattern(pattern) === undefined)
      own.fault('match_text', 'it is no valid pattern, so the comparison is always false.', 'warning');
  });
}

function checkText(own: OwnFields, field: string): void {
  own.read(field, (value) => checkTemplate(toText(value)));
}

function checkRequest(own: OwnFields): void {
  if (own.isOn('save_to_file'))
    own.fault('save_to_file', 'answers are not saved to files here; turn it off.');
  const isCurl = own.text('mode') === 'cURL' || own.isOn('use_curl');
  for (const field of isCurl ? ['curl_input', 'curl'] : []) {
    own.read(field, (value) => toHeaders(parseCurl(toText(value)).headers as never));
  }
  if (isCurl) return;
  // An address that cannot be called gives an error as the node's result, and the flow may continue with it.
  own.read('url_input', (value) => checkUrl(toText(value)), 'warning');
  own.read('headers', toHeaders);
}

function checkUrl(text: string): void {
  if (URL.canParse(withScheme(text))) return;
  throw new CoerceError(`holds ${JSON.stringify(shortMasked(text, 150))}, which is no valid URL`);
}

function checkSchema(own: OwnFields, { mayBeEmpty = false } = {}): void {
  const value = own.value('output_schema');
  if (value === undefined) return;
  try {
    const { rows } = toTable(value);
    if (rows.length === 0 && mayBeEmpty) return;
    const fields = parseSchemaRows(rows);
    if (typeof fields === 'string') own.fault('output_schema', `${fields}.`);
  } catch (error) {
    if (!(error instanceof CoerceError)) throw error;
    own.fault('output_schema', `it ${error.message}.`);
  }
}

/** Numbers, switches and objects with values of another type. Only a warning, since a run does not read every field. */
function checkKinds(own: OwnFields): void {
  for (const [name, { type }] of Object.entries(own.node.fields)) {
    const reading = Object.hasOwn(readings, type) ? readings[type] : undefined;
    if (reading !== undefined && !own.has(name)) own.read(name, reading, 'warning');
  }
}

const readings: Readonly<Record<string, (value: Json) => unknown>> = {
  int: toDecimal,
  float: toDecimal,
  bool: toFlag,
  dict: toDict,
  NestedDict: toDict,
};

/** Fields that name a model or its provider. */
const providerFields = ['provider', 'agent_llm'];
/** Their values when a model is connected or nothing is chosen. */
const noProvider: ReadonlySet<string> = new Set(['connect_other_models', 'Custom', 'Unknown']);

/** Finds a provider that cannot be called, unless a model is connected or the platform's scripted provider is used. */
function checkProvider(own: OwnFields): void {
  if (['model', 'llm', 'agent_llm'].some((field) => own.wired.has(field))) return;
  const named = providerFields.map((field) => ({ field, name: own.text(field) }));
  for (const { field, name } of [
    ...named,
    { field: 'model', name: parseModelField(own.value('model')).provider },
  ]) {
    if (name === undefined || noProvider.has(name) || findProvider(name) !== undefined) continue;
    const shown = JSON.stringify(name.slice(0, 60));
    return own.fault(
      field,
      `the provider ${shown} is not supported; supported are ${supportedProviders}.`,
      'warning',
    );
  }
}

const addressFields = [
  'base_url',
  'openai_api_base',
  'mistral_api_base',
  'aiml_api_base',
  'api_base',
  'ollama_base_url',
];

/**
 * Checks a model's settings and address, unless another model is connected or the platform's scripted provider is used.
 */
function checkModel(own: OwnFields): void {
  own.read('model_kwargs', (value) => extraParameters(toDict(value)));
  for (const field of addressFields) {
    const address = own.text(field)?.trim() ?? '';
    const protocol = URL.parse(address)?.protocol;
    if (address === '' || protocol === 'http:' || protocol === 'https:') continue;
    const shown = JSON.stringify(shortMasked(address, 150));
    own.fault(
      field,
      `${shown} is no address that can be called; it begins with https:// or http://.`,
      'warning',
    );
  }
}
