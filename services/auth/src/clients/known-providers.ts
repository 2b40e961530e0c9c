import { createRemoteJWKSet, customFetch as joseFetch } from 'jose';
import type { Configuration } from 'openid-client';
import { limitedFetch } from './limited-fetch.js';

/** What a connection says of its identity provider. `version` differs after each change. */
export interface Provider {
  readonly version: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string | undefined;
  readonly scopes: readonly string[];
  readonly groupsClaim: string;
}

/** `openid-client`, which is loaded when somebody first signs in. */
export type Library = typeof import('openid-client');

interface Known {
  readonly version: string;
  readonly atMs: number;
  readonly configuration: Promise<Configuration>;
}

/** Seconds that a provider has for an answer. */
export const PROVIDER_TIMEOUT_S = 8;
/** What a provider says of itself is used for so long. */
const BELIEVED_MS = 3_600_000;
/** Providers that are remembered: more than there are connections. */
const MOST_KNOWN = 1_000;

/** What identity providers say of themselves, and their keys. */
export class KnownProviders {
  private readonly known = new Map<string, Known>();
  private readonly keys = new Map<string, ReturnType<typeof createRemoteJWKSet>>();

  /** Asks a provider anew when it is needed next. */
  forget(provider: Provider): void {
    this.known.delete(nameOf(provider));
  }

  /** What a provider says of itself, remembered while it is fresh. */
  configure(library: Library, provider: Provider): Promise<Configuration> {
    const name = nameOf(provider);
    const known = this.known.get(name);
    const nowMs = Date.now();
    if (known?.version === provider.version && nowMs - known.atMs < BELIEVED_MS) return known.configuration;
    const configuration = discover(library, provider);
    if (this.known.size >= MOST_KNOWN) this.known.clear();
    this.known.set(name, { version: provider.version, atMs: nowMs, configuration });
    configuration.catch(() => {
      if (this.known.get(name)?.configuration === configuration) this.known.delete(name);
    });
    return configuration;
  }

  /** The keys at an address; they are read again when a token names an unknown one, at most once a minute. */
  keysAt(address: string): ReturnType<typeof createRemoteJWKSet> {
    const known = this.keys.get(address);
    if (known) return known;
    if (this.keys.size >= MOST_KNOWN) this.keys.clear();
    const keys = createRemoteJWKSet(new URL(address), {
      timeoutDuration: PROVIDER_TIMEOUT_S * 1_000,
      [joseFetch]: (url, options) => limitedFetch(url, options as RequestInit),
    });
    this.keys.set(address, keys);
    return keys;
  }
}

function nameOf({ issuer, clientId }: Provider): string {
  return `${issuer} ${clientId}`;
}

async function discover(library: Library, provider: Provider): Promise<Configuration> {
  const { issuer, clientId, clientSecret } = provider;
  const isPlain = new URL(issuer).protocol === 'http:';
  const configuration = await library.discovery(
    new URL(issuer),
    clientId,
    {},
    clientSecret === undefined ? library.None() : library.ClientSecretPost(clientSecret),
    {
      timeout: PROVIDER_TIMEOUT_S,
      [library.customFetch]: (url, options) => limitedFetch(url, options as RequestInit),
      execute: [library.enableNonRepudiationChecks, ...(isPlain ? [library.allowInsecureRequests] : [])],
    },
  );
  const { token_endpoint_auth_methods_supported: methods } = configuration.serverMetadata();
  const isBasicOnly =
    methods && !methods.includes('client_secret_post') && methods.includes('client_secret_basic');
  if (clientSecret === undefined || !isBasicOnly) return configuration;
  const basic = new library.Configuration(
    configuration.serverMetadata(),
    clientId,
    {},
    library.ClientSecretBasic(clientSecret),
  );
  basic[library.customFetch] = (url, options) => limitedFetch(url, options as RequestInit);
  basic.timeout = PROVIDER_TIMEOUT_S;
  library.enableNonRepudiationChecks(basic);
  if (isPlain) library.allowInsecureRequests(basic);
  return basic;
}
