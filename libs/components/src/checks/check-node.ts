import type { ComponentSpec, FieldFault, Json, PlanNode } from '@causeway/dag';
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
import { storageOf } from '../runtime/files/storage-of.js';
import { commaSeparated, toHeaders, withScheme } from '../runtime/web/request-parts.js';
import { apiRequestSpec } from '../specs/data-source/api-request.js';
import { conditionalRouterSpec } from '../specs/flow-controls/conditional-router.js';
import { CoerceError } from '../coerce/coerce-error.js';
import { maxPatternLength, maxRequests, maxStarts } from '../coerce/limits.js';
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
    own.read('urls', checkStarts);
    own.read('headers', toHeaders);
  },
  OllamaModel: (own) => {
    if (own.isOn('enable_structured_output')) checkSchema(own, { field: 'format' });
  },
  StructuredOutput: (own) => checkSchema(own),
  Agent: (own) => {
    if (own.node.usedOutputs.includes('structured_response')) checkSchema(own, { mayBeEmpty: true });
  },
  File: (own) => {
    if (own.isOn('advanced_mode'))
      own.fault('advanced_mode', 'the Advanced Parser is not available here; turn it off.');
    own.read('storage_location', checkStorage);
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
  own.read('operator', (value) => checkOption(conditionalRouterSpec, 'operator', toText(value)));
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
  own.read('urls', (value) => {
    const { length } = commaSeparated(value);
    if (length > maxRequests) throw new CoerceError(`holds ${length} URLs; the limit is ${maxRequests}`);
  });
  own.read('headers', toHeaders);
  own.read('method', (value) => checkOption(apiRequestSpec, 'method', toText(value).toUpperCase()));
}

/** A component that refuses unknown options has a fault; others ignore them. */
function checkOption(spec: ComponentSpec, field: string, option: string): void {
  const options = spec.fields.find(({ name }) => name === field)?.options ?? [];
  if (options.includes(option)) return;
  const shown = JSON.stringify(shortMasked(option, 100));
  throw new CoerceError(`holds ${shown}, which is none of ${options.join(', ')}`);
}

function checkStarts(value: Json): void {
  const urls = toTexts(value);
  urls.forEach(checkUrl);
  const { size } = new Set(urls.map((url) => new URL(withScheme(url)).href.replace(/#.*$/, '')));
  if (size > maxStarts) throw new CoerceError(`holds ${size} URLs; the limit is ${maxStarts}`);
}

function checkStorage(value: Json): void {
  const name = storageOf(value);
  if (name === undefined) return;
  const shown = JSON.stringify(shortMasked(name, 100));
  throw new CoerceError(`holds ${shown}, which is not supported here; choose Local and upload the files`);
}

function checkUrl(text: string): void {
  if (URL.canParse(withScheme(text))) return;
  throw new CoerceError(`holds ${JSON.stringify(shortMasked(text, 150))}, which is no valid URL`);
}

function checkSchema(own: OwnFields, { field = 'output_schema', mayBeEmpty = false } = {}): void {
  const value = own.value(field);
  if (value === undefined) return;
  try {
    const { rows } = toTable(value);
    if (rows.length === 0 && mayBeEmpty) return;
    const fields = parseSchemaRows(rows);
    if (typeof fields === 'string') own.fault(field, `${fields}.`);
  } catch (error) {
    if (!(error instanceof CoerceError)) throw error;
    own.fault(field, `it ${error.message}.`);
  }
}

/** Values of another type than their field. Only a warning, since a run does not read every field. */
function checkKinds(own: OwnFields): void {
  for (const [name, { type, list }] of Object.entries(own.node.fields)) {
    if (textKinds.has(type) && !own.has(name)) own.read(name, list === true ? toTexts : toText, 'warning');
    const reading = Object.hasOwn(readings, type) ? readings[type] : undefined;
    if (reading !== undefined && !own.has(name)) own.read(name, reading, 'warning');
  }
}

const textKinds: ReadonlySet<string> = new Set(['str', 'prompt', 'mustache', 'tab', 'query', 'file']);
const readings: Readonly<Record<string, (value: Json) => unknown>> = {
  int: toDecimal,
  float: toDecimal,
  slider: toDecimal,
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
