import { permissions } from '@causeway/contracts';
import { apiKeyHash, log, newId } from '@causeway/platform';
import type Provider from 'oidc-provider';
import { isSecretOf } from '../../domain/client-metadata.js';
import { currentAsking } from './asking.js';
import { FORM_SECRET, POLL_S } from './device-flow.js';
import { type ProviderParts, providerSettings } from './provider-settings.js';

/** How the tokens of each kind begin, so that none is taken for another one, nor for a key or a session. */
const PREFIXES = {
  AccessToken: 'ct-',
  ClientCredentials: 'ct-',
  RefreshToken: 'cr-',
  AuthorizationCode: 'cc-',
  DeviceCode: 'cd-',
};
const known: ReadonlySet<string> = new Set(permissions);

/** The library, for one issuer. */
export function makeProvider(issuer: string, parts: ProviderParts): Provider {
  const provider = new parts.library.Provider(issuer, providerSettings(parts));
  // The gateway has checked by which address it was asked, and says it in these headers.
  provider.proxy = true;
  for (const [kind, prefix] of Object.entries(PREFIXES))
    prefixTokens(provider[kind as keyof typeof PREFIXES], prefix);
  override(provider.Grant, { generateTokenId: () => newId() });
  override(provider.Client, {
    compareClientSecret(this: { clientSecret?: string }, given: string) {
      return isSecretOf(this.clientSecret ?? '', apiKeyHash(given));
    },
  });
  narrowService(provider, parts);
  provider.use(async (ctx, next) => {
    await next();
    // The library names all that it can do; others are refused here.
    const { body } = ctx as {
      body?: { response_modes_supported?: readonly string[]; device_code?: string; interval?: number };
    };
    if (body?.device_code !== undefined) body.interval = POLL_S;
    if (ctx.path.startsWith('/.well-known/') && body?.response_modes_supported)
      body.response_modes_supported = ['query'];
  });
  provider.Session.get = (ctx) => sessionOf(provider, ctx);
  provider.on('server_error', (_ctx, error) => log.failure(error, 'authorization server failed'));
  return provider;
}

/** Who does not say for what a token of a service account is wanted gets all that the client may have. */
function narrowService({ ClientCredentials }: Provider, { library }: ProviderParts): void {
  const { prototype } = ClientCredentials;
  const { save } = prototype;
  override(ClientCredentials, {
    save(this: typeof prototype) {
      // The token has only those scopes that the library knows; the request says whether there were others.
      const asked = library.Provider.ctx?.oidc.params?.['scope'] ?? this.client?.scope;
      const wanted = typeof asked === 'string' ? asked.split(' ') : [];
      const unknown = wanted.find((one) => !known.has(one));
      if (unknown !== undefined)
        throw new library.errors.InvalidScope('requested scope is not known', unknown);
      this.scope = wanted.join(' ');
      return save.call(this);
    },
  });
}

/** Who is signed in says the request. The library has no session of its own, so nobody can be another person there. */
async function sessionOf(provider: Provider, ctx: unknown) {
  const { principal, signedInAtS, device } = currentAsking();
  // Its types leave out what it is made of.
  const Session = provider.Session as unknown as new (
    content?: object,
  ) => InstanceType<typeof provider.Session>;
  const session = new Session(
    principal && {
      accountId: principal.id,
      ...(signedInAtS !== undefined && { loginTs: signedInAtS }),
      ...(device && { state: { secret: FORM_SECRET } }),
    },
  );
  const { oidc } = ctx as { oidc: { entity(name: string, value: unknown): void } };
  oidc.entity('Session', session);
  return session;
}

/** The library’s tokens have 256 random bits; it also notes at this point that they are opaque. */
function prefixTokens(model: { prototype: object }, prefix: string): void {
  const { generateTokenId } = model.prototype as { generateTokenId(): string };
  override(model, {
    generateTokenId(this: object) {
      return prefix + generateTokenId.call(this);
    },
  });
}

function override(model: { prototype: object }, methods: object): void {
  Object.assign(model.prototype, methods);
}
