import { causewayError } from '@causeway/contracts';
import type { Json } from '@causeway/dag';
import type { ComponentContext } from '../../component.js';
import { LanguageModel, modelIn } from '../language-model.js';
import { fieldInvalid } from '../../node-failed.js';
import {
  type NamedModel,
  chooseKey,
  chooseModel,
  isNamed,
  nameOnNode,
  parseModelField,
} from './model-choice.js';
import { readNodeSettings, textAt } from './node-settings.js';
import { type Provider, findProvider, providerOfModel } from '../providers/providers.js';
import { publicOutbound } from '../providers/transport.js';

/** Fields to which a model may be connected. */
const WIRED_FIELDS = ['model', 'llm', 'agent_llm'];
/** Fields in which nodes name another address for a provider. */
const URL_FIELDS = ['base_url', 'openai_api_base', 'mistral_api_base', 'aiml_api_base', 'api_base'];
const WIRED_WORDS: ReadonlySet<string> = new Set(['connect_other_models', 'Custom']);
/** Characters of a base URL. */
const MAX_URL_LENGTH = 2_048;
const KEY_FIELD = 'api_key';
const SCRIPTED = 'scripted';

/**
 * Finds the model that a node uses, by the rules of “which model”: connected → named on the node → the default; and its
 * key: request variable → on the node → stored variable → the platform's. A stored key is sent only where `RunSecrets`
 * allows it; any other address receives a key that came with the request, or none.
 *
 * @param only  the provider of components that belong to one
 * @throws CausewayError `MODEL_NOT_CHOSEN`, `MODEL_UNKNOWN`, `MODEL_KEY_MISSING`, `MODEL_KEY_WITHHELD`; `FIELD_MISSING`
 * for a missing base URL
 */
export async function resolveModel(context: ComponentContext, only?: string): Promise<LanguageModel> {
  for (const field of WIRED_FIELDS) {
    const wired = modelIn(context.inputs[field]);
    if (wired !== undefined) return wired;
  }
  const { models } = context;
  const node = context.node.displayName;
  const literal = literalKey(context);
  const wish = { node, ...namesOn(context, only), hasKey: literal !== undefined };
  const defaultModel = isNamed(wish) || only !== undefined ? undefined : await findDefault(context);
  const { scriptedProviderUrl } = models;
  const choice = chooseModel(wish, {
    ...(scriptedProviderUrl !== undefined && { scriptedProviderUrl }),
    ...(defaultModel && { defaultModel }),
  });
  if (choice.kind === 'scripted') return scriptedModel(context, choice.model);
  const { provider, model } = choice;
  const address = await findAddress(context, provider);
  const keyProvider = isOwnProvider(context, only, provider, defaultModel) ? provider.id : undefined;
  const key = await findKey(context, provider, { literal, keyProvider }, address);
  if (key === undefined && provider.keyOptional !== true && !address.isForeign) {
    if (models.scriptedProviderUrl !== undefined) return scriptedModel(context, model);
    const variable = provider.keyVariables[0] ?? '';
    throw causewayError('MODEL_KEY_MISSING', { node, provider: provider.name, variable });
  }
  return new LanguageModel({
    protocol: provider.protocol,
    baseUrl: address.url,
    key: key?.value,
    keyOf: key && `${provider.name}, which comes from ${key.from}`,
    ...(key !== undefined && !key.isOfRequest && { ownKey: { value: key.value, provider: key.provider } }),
    model,
    label: `${provider.id}:${model}`,
    secrets: context.secrets,
    dispatcher: address.isForeign ? (models.outbound ?? publicOutbound()) : undefined,
    ...readNodeSettings(context),
  });
}

/**
 * The default model of the flow, else of the team, else of the platform. The first two are variables, so that they are
 * set, permitted and recorded like any other. Nodes of one provider do not use it, since they cannot call another
 * provider's model.
 */
async function findDefault(context: ComponentContext): Promise<NamedModel | undefined> {
  const names = [`DEFAULT_MODEL_${context.flowId}`, 'DEFAULT_MODEL'];
  const [ofFlow, ofTeam] = await Promise.all(names.map((name) => context.findVariable(name)));
  const text = (ofFlow ?? ofTeam ?? '').trim();
  if (text === '') return context.models.defaultModel;
  const [, provider, model] = /^([^/]+)\/(.+)$/.exec(text) ?? [];
  if (provider === undefined || model === undefined)
    throw fieldInvalid(
      context,
      `the default model must read provider/model, such as openai/gpt-4.1-mini, not ${JSON.stringify(text)}.`,
    );
  return { provider, model };
}

function scriptedModel(context: ComponentContext, model: string | undefined): LanguageModel {
  const url = withoutSlash(context.models.scriptedProviderUrl ?? '').replace(/\/v1$/, '');
  return new LanguageModel({
    protocol: 'openai',
    baseUrl: `${url}/v1`,
    key: undefined,
    model: model ?? SCRIPTED,
    label: SCRIPTED,
    secrets: context.secrets,
    dispatcher: undefined,
    ...readNodeSettings(context),
  });
}

function namesOn(context: ComponentContext, only: string | undefined): ReturnType<typeof namesIn> {
  const model = context.inputs['model'] as Json | undefined;
  return namesIn((field) => textAt(context, field), model, only);
}

function namesIn(
  text: (field: string) => string,
  modelField: Json | undefined,
  only: string | undefined,
): { selected: NamedModel; override: NamedModel } {
  const provider = only ?? (text('provider') || text('agent_llm'));
  // An agent that was set to take a connected model keeps the name of its earlier model.
  const model = WIRED_WORDS.has(provider) ? '' : text('model_name');
  return {
    selected: parseModelField(modelField),
    override: { ...(provider === '' ? {} : { provider }), ...(model === '' ? {} : { model }) },
  };
}

/** Whether the node's key is one of this provider: the stored flow, or its default, names the same provider. */
function isOwnProvider(
  context: ComponentContext,
  only: string | undefined,
  provider: Provider,
  defaultModel: NamedModel | undefined,
): boolean {
  if (only !== undefined) return true;
  const own = (field: string): Json | undefined =>
    context.requestFields.has(field) ? context.requestFields.get(field) : context.node.fields[field]?.value;
  const textOf = (field: string): string => {
    const value = own(field);
    return typeof value === 'string' ? value.trim() : '';
  };
  const named = nameOnNode(namesIn(textOf, own('model'), undefined)) ?? defaultModel;
  if (named?.model === undefined) return false;
  return (
    (named.provider === undefined ? providerOfModel(named.model) : findProvider(named.provider)) === provider
  );
}

/** The key on the node. The name of a variable that was not found is no key. */
function literalKey(context: ComponentContext): string | undefined {
  const field = context.node.fields[KEY_FIELD];
  const key = textAt(context, KEY_FIELD);
  const isUnresolved = field?.loadFromDb === true && key === field.value && /^[A-Z][A-Z0-9_]*$/.test(key);
  return key === '' || isUnresolved ? undefined : key;
}

async function findKey(
  context: ComponentContext,
  provider: Provider,
  { literal, keyProvider }: { literal: string | undefined; keyProvider: string | undefined },
  address: Address,
): Promise<FoundKey | undefined> {
  const requestVariable = provider.keyVariables
    .map((name) => context.requestVariables?.[name])
    .find((value) => value !== undefined && value !== '');
  const ofRequest = context.requestFields.has(KEY_FIELD) ? literal : undefined;
  const brought = chooseKey({ requestVariable, literal: ofRequest });
  if (brought !== undefined)
    return { value: brought, isOfRequest: true, provider: undefined, from: 'the request' };
  const stored = literal === undefined ? await findStoredKey(context, provider) : undefined;
  const own = literal ?? stored?.value;
  if (own === undefined) {
    // The platform's key is sent only to addresses that the platform chose; a flow could name any.
    const platform = address.isForeign ? undefined : context.models.providerKeys[provider.id];
    return platform === undefined
      ? undefined
      : { value: platform, isOfRequest: false, provider: provider.id, from: 'a setting of the platform' };
  }
  const key = { value: own, provider: literal === undefined ? provider.id : keyProvider };
  if (await context.secrets.mayGo(key, address.url)) {
    const from = stored ? `the variable ${stored.name}` : originOnNode(context);
    return { ...key, isOfRequest: false, from };
  }
  const [variable] = provider.keyVariables;
  const header = variable === undefined ? '' : `the header X-LANGFLOW-GLOBAL-VAR-${variable} or `;
  const origin = URL.parse(address.url)?.origin ?? 'that address';
  throw causewayError('MODEL_KEY_WITHHELD', {
    node: context.node.displayName,
    provider: provider.name,
    address: origin,
    allow: context.secrets.remedy(literal === undefined ? variable : undefined, origin),
    remedy: `${header}a tweak of ${KEY_FIELD}.`,
  });
}

/** Where the key on the node comes from. A text that is not like a variable's name could be a key, and is not shown. */
function originOnNode({ node }: ComponentContext): string {
  const { loadFromDb, value } = node.fields[KEY_FIELD] ?? {};
  const isVariable = loadFromDb === true && typeof value === 'string' && /^[A-Z][A-Z0-9_]*$/.test(value);
  return isVariable ? `the variable ${value}` : `the field ${KEY_FIELD} of the component`;
}

async function findStoredKey(
  context: ComponentContext,
  provider: Provider,
): Promise<{ readonly name: string; readonly value: string } | undefined> {
  for (const name of provider.keyVariables) {
    const value = await context.findVariable(name);
    if (value) return { name, value };
  }
  return undefined;
}

interface FoundKey {
  readonly value: string;
  readonly isOfRequest: boolean;
  /** Where it comes from, in words. */
  readonly from: string;
  readonly provider: string | undefined;
}

interface Address {
  readonly url: string;
  /** True for an address that is neither the provider's public one nor one that the platform set. */
  readonly isForeign: boolean;
}

/** The address of a provider: on the node → the platform's setting → a variable → its public address. */
async function findAddress(context: ComponentContext, provider: Provider): Promise<Address> {
  const fields = provider.id === 'ollama' ? [...URL_FIELDS, 'ollama_base_url'] : URL_FIELDS;
  const onNode = fields
    .map((field) => ({ field, url: baseOf(textAt(context, field)) }))
    .find(({ url }) => url !== '');
  if (onNode !== undefined && onNode.url.length > MAX_URL_LENGTH)
    throw fieldInvalid(
      context,
      `the base URL in field ${onNode.field} has more than ${MAX_URL_LENGTH} characters; shorten it.`,
    );
  if (onNode !== undefined && !isCallable(onNode.url))
    throw fieldInvalid(
      context,
      `the base URL in field ${onNode.field} is no address that can be called; it begins with https:// or http://.`,
    );
  if (onNode !== undefined && !isPublicAddress(provider, onNode.url))
    return address(provider, onNode.url, true);
  const set = context.models.providerBaseUrls[provider.id];
  if (set !== undefined) return address(provider, withoutSlash(set), false);
  const variable = provider.urlVariable && (await context.findVariable(provider.urlVariable));
  if (variable) return address(provider, withoutSlash(variable), true);
  if (provider.baseUrl !== undefined) return { url: provider.baseUrl, isForeign: false };
  throw causewayError('FIELD_MISSING', { node: context.node.displayName, field: 'base_url' });
}

function isCallable(url: string): boolean {
  const protocol = URL.parse(url)?.protocol;
  return protocol === 'https:' || protocol === 'http:';
}

/** Exports contain the public address as the field's value, with or without its path. */
function isPublicAddress({ baseUrl }: Provider, url: string): boolean {
  return baseUrl !== undefined && (url === baseUrl || baseUrl.startsWith(`${url}/`));
}

/** Protocols other than OpenAI's add the path themselves, but people often write it. */
function address({ protocol }: Provider, url: string, isForeign: boolean): Address {
  return { url: protocol === 'openai' ? url : url.replace(/\/v1(beta)?$/, ''), isForeign };
}

/** A base URL, also if the node has the address of the call itself. */
function baseOf(url: string): string {
  return withoutSlash(url).replace(/\/chat\/completions$/, '');
}

function withoutSlash(url: string): string {
  const text = url.trim();
  let end = text.length;
  while (text[end - 1] === '/') end -= 1;
  return text.slice(0, end);
}
