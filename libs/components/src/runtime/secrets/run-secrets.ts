import { causewayError } from '@causeway/contracts';
import { type CausewayError, type Json, isSecretName, maskKeys } from '@causeway/dag';
import { providers } from '../models/providers/providers.js';
import { allowsOrigin } from './allowed-host.js';
import { type OutgoingCall, findSecret } from './find-secret.js';
import { maskError } from './mask-error.js';
import { maskSecretsIn, maskValuesIn } from './mask-secrets-in.js';
import { maskTexts } from './mask-texts.js';
import type { Secret } from './secret.js';
import { formsInCalls } from './forms-in-calls.js';

/** The secrets of a run, and the places to which they may be sent. */
export interface RunSecretsOptions {
  readonly flowId: string;
  readonly secrets: Iterable<Secret>;
  /** Origins that the stored flow names, of `literalOrigins`. */
  readonly origins: ReadonlySet<string>;
  /** Addresses that the platform set, by provider id. */
  readonly providerBaseUrls: Readonly<Record<string, string>>;
  /** The list that is stored beside the flow; read only when a call would otherwise be refused. */
  readonly allowedHosts: () => Promise<readonly string[]>;
  /** Values that came with the request: its caller may send them anywhere. @default none */
  readonly brought?: ReadonlySet<string>;
  /** Those of them that are secret: they may be sent, but not shown. @default none */
  readonly broughtSecrets?: Iterable<string>;
}

/** The key with which a model is called. It is a secret whatever it looks like. */
export interface ModelKey {
  readonly value: string;
  /** The provider whose key it is; undefined if only the request says so. */
  readonly provider: string | undefined;
}

interface Withheld {
  readonly secret: Secret;
  /** The part of the call that contains it. */
  readonly part: string;
}

/**
 * The secrets of a run, and the rule for both ways out: a secret may be sent to an origin that the stored flow names,
 * to the provider whose key it is, or to a host on the list of the flow or of the credential. The rule checks the
 * address to which a secret is sent, not where that address comes from.
 */
export class RunSecrets {
  // Hidden from JSON, logs and inspection.
  readonly #byValue = new Map<string, Secret[]>();
  readonly #broughtSecrets: readonly { readonly value: string }[];
  readonly #options: RunSecretsOptions;

  constructor(options: RunSecretsOptions) {
    this.#options = options;
    this.#broughtSecrets = [...(options.broughtSecrets ?? [])].map((value) => ({ value }));
    for (const secret of options.secrets) this.add(secret);
  }

  /** Adds a value to the secrets. */
  add(secret: Secret): void {
    for (const value of formsInCalls(secret.value)) this.#add({ ...secret, value });
  }

  #add(secret: Secret): void {
    if (this.#options.brought?.has(secret.value) === true || secret.value === '') return;
    const known = this.#byValue.get(secret.value);
    if (known === undefined) this.#byValue.set(secret.value, [secret]);
    else if (!known.some(({ label }) => label === secret.label)) known.push(secret);
  }

  /**
   * A text from the outside world as it may be shown and logged: without the run's secrets, those of its request, and
   * whatever looks like a key.
   *
   * @param also  further values that are secret here, although the run does not know them
   */
  mask(text: string, ...also: readonly (string | undefined)[]): string {
    const more = also.filter((value) => value !== undefined).map((value) => ({ value }));
    return maskKeys(maskSecretsIn(this.maskOwn(text), [...this.#broughtSecrets, ...more]));
  }

  /** An error whose texts are masked. */
  maskError<E>(error: E): E | CausewayError {
    return maskError(error, (text) => this.mask(text));
  }

  /** A text of the flow itself without the run's secrets; a text that only looks like a key is kept. */
  maskOwn(text: string): string {
    return maskSecretsIn(text, this.#all());
  }

  /** A tool's result as its model may receive it: without the run's secrets. */
  maskAnswer(value: Json): Json {
    const secrets = [...this.#all()];
    return secrets.length === 0 ? value : maskTexts(value, (text) => maskValuesIn(text, secrets));
  }

  /** The secrets that a call sends: its answer may repeat them. */
  sentWith(call: OutgoingCall): readonly { readonly value: string }[] {
    return [...this.#all(), ...this.#broughtSecrets].filter(
      (secret) => findSecret(secret, call) !== undefined,
    );
  }

  /** Whether a key may be sent to an address. */
  async mayGo(key: ModelKey, url: string): Promise<boolean> {
    const origin = URL.parse(url)?.origin;
    if (origin === undefined) return false;
    return this.#permitsKey(key, origin) || this.#isAllowedByFlow(this.#known(key.value), origin);
  }

  /**
   * Checks a call for secrets. Returns undefined at once, unless only the flow's list can allow a secret of the call.
   *
   * @param node  its display name, for the error
   * @throws CausewayError `SECRET_WITHHELD`, in the promise
   */
  check(node: string, call: OutgoingCall, key?: ModelKey): Promise<void> | undefined {
    const withheld = this.#withheld(call, key);
    return withheld.length === 0 ? undefined : this.#refuseUnlessAllowed(node, call.url.origin, withheld);
  }

  /**
   * The headers that may be sent to an address that a server named by a redirect or a link. As in browsers, a header
   * that contains a secret or has a secret's name is left out, unless it may be sent there.
   */
  async headersFor(
    url: URL,
    headers: Readonly<Record<string, string>>,
  ): Promise<{ headers: Record<string, string>; left: readonly string[] }> {
    const left: string[] = [];
    for (const [name, value] of Object.entries(headers)) {
      const call = { url, headers: [name, value], body: undefined };
      const held = this.#withheld(call);
      const isKnown = [...this.#all()].some((secret) => findSecret(secret, call)?.startsWith('header'));
      const isNamed = isSecretName(name) && !isKnown && name.toLowerCase() !== 'idempotency-key';
      const stays =
        isNamed ||
        /^(?:proxy-)?authorization$|^cookie$/i.test(name) ||
        !(await this.#allAllowed(held, url.origin));
      if (stays) left.push(name);
    }
    const kept = Object.entries(headers).filter(([name]) => !left.includes(name));
    return { headers: Object.fromEntries(kept), left };
  }

  *#all(): Generator<Secret> {
    for (const [secret] of this.#byValue.values()) if (secret !== undefined) yield secret;
  }

  #withheld(call: OutgoingCall, key?: ModelKey): Withheld[] {
    const { origin } = call.url;
    const withheld: Withheld[] = [];
    if (key !== undefined && !this.#byValue.has(key.value) && !this.#permitsKey(key, origin)) {
      const secret = { value: key.value, label: 'a key of its model' };
      withheld.push({ secret, part: findSecret(secret, call) ?? 'a header' });
    }
    for (const [value, known] of this.#byValue) {
      if (known.some((secret) => this.#permits(secret, origin))) continue;
      if (key?.value === value && this.#permitsKey(key, origin)) continue;
      const secret = known[0] as Secret;
      const part = findSecret(secret, call);
      if (part !== undefined) withheld.push({ secret, part });
    }
    return withheld;
  }

  #permits({ allowedHosts = [], providers: ids = [], isOfPlatform }: Secret, origin: string): boolean {
    if (ids.some((id) => this.#isProviderAt(id, origin))) return true;
    if (isOfPlatform === true) return false;
    return this.#options.origins.has(origin) || allowedHosts.some((entry) => allowsOrigin(entry, origin));
  }

  #permitsKey({ value, provider }: ModelKey, origin: string): boolean {
    if (this.#options.brought?.has(value) === true) return true;
    const asKey = { value, label: 'the key', ...(provider !== undefined && { providers: [provider] }) };
    const known = this.#byValue.get(value);
    return [...(known ?? []), ...(this.#isOnlyOfPlatform(known) ? [] : [asKey])].some((secret) =>
      this.#permits(secret, origin),
    );
  }

  #isProviderAt(id: string, origin: string): boolean {
    return providerOrigins(id, this.#options.providerBaseUrls[id]).includes(origin);
  }

  #known(value: string): readonly Secret[] {
    return this.#byValue.get(value) ?? [];
  }

  #isOnlyOfPlatform(known: readonly Secret[] | undefined): boolean {
    return known !== undefined && known.every(({ isOfPlatform }) => isOfPlatform === true);
  }

  async #isAllowedByFlow(known: readonly Secret[], origin: string): Promise<boolean> {
    if (known.length > 0 && this.#isOnlyOfPlatform(known)) return false;
    return (await this.#options.allowedHosts()).some((entry) => allowsOrigin(entry, origin));
  }

  async #allAllowed(withheld: readonly Withheld[], origin: string): Promise<boolean> {
    for (const { secret } of withheld)
      if (!(await this.#isAllowedByFlow(this.#known(secret.value), origin))) return false;
    return true;
  }

  async #refuseUnlessAllowed(node: string, origin: string, withheld: readonly Withheld[]): Promise<void> {
    if (await this.#allAllowed(withheld, origin)) return;
    const { secret, part } = withheld[0] as Withheld;
    throw causewayError('SECRET_WITHHELD', {
      node,
      what: secret.label,
      part,
      address: origin,
      remedy: this.remedy(secret.variable, origin),
    });
  }

  /** The commands that allow an origin. */
  remedy(variable: string | undefined, origin: string): string {
    const flow = `npx causeway flows allow-hosts ${this.#options.flowId} ${origin}`;
    return variable === undefined
      ? flow
      : `npx causeway vars set ${variable} --allow-host ${origin} or ${flow}`;
  }
}

/** A run that has no secrets. */
export const noSecrets = new RunSecrets({
  flowId: '',
  secrets: [],
  origins: new Set(),
  providerBaseUrls: {},
  allowedHosts: async () => [],
});

const ownOrigins: ReadonlyMap<string, string | undefined> = new Map(
  providers.map(({ id, baseUrl }) => [id, baseUrl === undefined ? undefined : URL.parse(baseUrl)?.origin]),
);

/** The origin that the platform set for a provider in addition to its own. */
function providerOrigins(id: string, set: string | undefined): readonly (string | undefined)[] {
  const own = ownOrigins.get(id);
  return set === undefined ? [own] : [own, URL.parse(set)?.origin];
}
