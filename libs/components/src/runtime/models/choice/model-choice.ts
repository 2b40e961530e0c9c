import { causewayError } from '@causeway/contracts';
import { isPlainObject, type Json } from '@causeway/dag';
import type { ModelSettings } from '../../component.js';
import { type Provider, findProvider, providerOfModel, supportedProviders } from '../providers/providers.js';

/** A model as a flow or a setting names it; the provider may be missing. */
export interface NamedModel {
  readonly provider?: string;
  readonly model?: string;
}

/** What a node says about its model, before anything is resolved. */
export interface ModelWish {
  /** The node's display name, for errors. */
  readonly node: string;
  /** The value of the model field. */
  readonly selected: NamedModel;
  /**
   * Other fields of the node: `model_name` overrides the selected model and is used with `provider`. Older nodes have
   * only these.
   */
  readonly override: NamedModel;
  /** Whether the node has a key; then the scripted provider must not answer it. */
  readonly hasKey: boolean;
}

/** The model that a node uses. `scripted` is the platform's test provider, under the model name of the flow. */
export type ModelChoice =
  | { readonly kind: 'provider'; readonly provider: Provider; readonly model: string }
  | { readonly kind: 'scripted'; readonly model: string | undefined };

const WIRED = 'connect_other_models';

/**
 * Reads a model field: `[{name, provider}]`, one such object, a bare model name, or the word that means “connected”.
 */
export function parseModelField(value: Json | undefined): NamedModel {
  const first = Array.isArray(value) ? value[0] : value;
  if (typeof first === 'string') return first === '' || first === WIRED ? {} : { model: first };
  if (!isPlainObject(first)) return {};
  const model = textOf(first['name']);
  const provider = textOf(first['provider']);
  if (model === undefined || model === WIRED) return {};
  return provider === undefined || provider === 'Unknown' ? { model } : { model, provider };
}

/**
 * The model of a node without a connected one: named on the node → the default → the scripted provider if there is one.
 *
 * @throws CausewayError `MODEL_NOT_CHOSEN`; `MODEL_UNKNOWN` for a provider that is not supported
 */
export function chooseModel(
  wish: ModelWish,
  settings: Pick<ModelSettings, 'scriptedProviderUrl'> & { readonly defaultModel?: NamedModel },
): ModelChoice {
  const named = nameOnNode(wish) ?? settings.defaultModel;
  const model = named?.model;
  if (model === undefined || named === undefined) {
    if (settings.scriptedProviderUrl !== undefined) return { kind: 'scripted', model: undefined };
    throw causewayError('MODEL_NOT_CHOSEN', { node: wish.node });
  }
  const provider = named.provider === undefined ? providerOfModel(model) : findProvider(named.provider);
  if (provider !== undefined) return { kind: 'provider', provider, model };
  if (settings.scriptedProviderUrl !== undefined && !wish.hasKey) return { kind: 'scripted', model };
  throw causewayError('MODEL_UNKNOWN', {
    node: wish.node,
    provider: named.provider ?? `of ${model}`,
    supported: supportedProviders,
  });
}

/** Whether a node names a model. */
export function isNamed(wish: Pick<ModelWish, 'selected' | 'override'>): boolean {
  return nameOnNode(wish) !== undefined;
}

/** The model that a node names; `override` is used first. */
export function nameOnNode({
  selected,
  override,
}: Pick<ModelWish, 'selected' | 'override'>): NamedModel | undefined {
  if (override.model !== undefined) {
    const provider = override.provider ?? selected.provider;
    return provider === undefined ? { model: override.model } : { model: override.model, provider };
  }
  return selected.model === undefined ? undefined : selected;
}

/** The sources of a key. */
export interface KeySources {
  readonly requestVariable: string | undefined;
  readonly literal: string | undefined;
  readonly storedVariable?: string | undefined;
  readonly platform?: string | undefined;
}

/** Request variable → on the node → stored variable → the platform's. An empty text is no key. */
export function chooseKey(sources: KeySources): string | undefined {
  return (
    sources.requestVariable || sources.literal || sources.storedVariable || sources.platform || undefined
  );
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}
