import { causewayError } from '@causeway/contracts';
import { providers } from '../models/providers.js';
import { allowsOrigin } from './allowed-host.js';
import { type OutgoingCall, findSecret, maskSecret } from './find-secret.js';
import { type Secret, isSecretHeader } from './secret.js';

/** What the secrets of a run are, and where its flow lets them go. */
export interface RunSecretsOptions {
  readonly flowId: string;
  readonly secrets: Iterable<Secret>;
  /** Origins that the stored flow names, of `literalOrigins`. */
  readonly origins: ReadonlySet<string>;
  /** Addresses that the platform set, by provider id. */
  readonly providerBaseUrls: Readonly<Record<string, string>>;
  /** The list that is stored beside the flow; asked for only when a call would else be refused. */
  readonly allowedHosts: () => Promise<readonly string[]>;
  /** Values that the request itself brought: who has them may send them. @default none */
  readonly brought?: ReadonlySet<string>;
}

/** The key with which a model is called: a secret by where it stands, whatever it looks like. */
export interface ModelKey {
  readonly value: string;
  /** The provider whose key it is; undefined when only the request says so. */
  readonly provider: string | undefined;
}

interface Withheld {
  readonly secret: Secret;
  /** Where in the call it stands. */
  readonly part: string;
}

/**
 * The secrets of a run, and the rule by which both doors let them out: to an origin that the stored flow names, to the provider
 * whose key it is, or to a host that the flow's or the credential's list allows. It looks at where a secret goes, not at where
 * the address came from.
 */
export class RunSecrets {
  // Hidden from JSON, logs and inspection.
  readonly #byValue = new Map<string, Secret[]>();
  readonly #options: RunSecretsOptions;

  constructor(options: RunSecretsOptions) {
    this.#options = options;
    for (const secret of options.secrets) this.add(secret);
  }

  /** Makes one more value known as secret. */
  add(secret: Secret): void {
    if (this.#options.brought?.has(secret.value) === true || secret.value === '') return;
    const known = this.#byValue.get(secret.value);
    if (known === undefined) this.#byValue.set(secret.value, [secret]);
    else if (!known.some(({ label }) => label === secret.label)) known.push(secret);
  }

  /** Whether a text holds a secret of the flow. */
  isIn(text: string): boolean {
    return [...this.#byValue.keys()].some((value) => text.includes(value));
  }

  /** A text from outside, such as the sentence of a provider, with a mask in the place of every secret of the run. */
  maskIn(text: string): string {
    let masked = text;
    for (const [secret] of this.#byValue.values()) masked = maskSecret(secret as Secret, masked);
    return masked;
  }

  /** Whether a key may go to an address. */
  async mayGo(key: ModelKey, url: string): Promise<boolean> {
    const origin = URL.parse(url)?.origin;
    if (origin === undefined) return false;
    return this.#permitsKey(key, origin) || this.#isAllowedByFlow(this.#known(key.value), origin);
  }

  /**
   * Lets a call pass, or not. Settled at once, as undefined, unless a secret is about to go where only the flow's list may allow it.
   *
   * @param node  its display name, for the error
   * @throws CausewayError `SECRET_WITHHELD`, in the promise
   */
  check(node: string, call: OutgoingCall, key?: ModelKey): Promise<void> | undefined {
    const withheld = this.#withheld(call, key);
    return withheld.length === 0 ? undefined : this.#refuseUnlessAllowed(node, call.url.origin, withheld);
  }

  /**
   * The headers that may go along to an address that a server named: a redirect, a link. What holds or is named as a secret
   * stays behind, as with browsers, unless it may go there.
   */
  async headersFor(
    url: URL,
    headers: Readonly<Record<string, string>>,
  ): Promise<{ headers: Record<string, string>; left: readonly string[] }> {
    const left: string[] = [];
    for (const [name, value] of Object.entries(headers)) {
      const call = { url, headers: [name, value], body: undefined };
      const held = this.#withheld(call);
      const isKnown = [...this.#byValue.values()].some(
        ([secret]) => findSecret(secret as Secret, call)?.startsWith('header') === true,
      );
      const isNamed = isSecretHeader(name) && !isKnown && name.toLowerCase() !== 'idempotency-key';
      const stays =
        isNamed ||
        /^(?:proxy-)?authorization$|^cookie$/i.test(name) ||
        !(await this.#allAllowed(held, url.origin));
      if (stays) left.push(name);
    }
    const kept = Object.entries(headers).filter(([name]) => !left.includes(name));
    return { headers: Object.fromEntries(kept), left };
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

/** The origin that the platform set for a provider beside its own. */
function providerOrigins(id: string, set: string | undefined): readonly (string | undefined)[] {
  const own = ownOrigins.get(id);
  return set === undefined ? [own] : [own, URL.parse(set)?.origin];
}
