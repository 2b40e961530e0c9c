import Provider, { type Configuration, type Grant, type KoaContextWithOIDC } from 'oidc-provider';
import { claimsOf, type GroupsOptions, groupsPath } from '../claims.js';
import type { Faults } from '../faults.js';
import type { SigningKeys } from '../keys/signing-keys.js';
import { escapeHtml, page, PAGE_HEADERS } from '../pages/page.js';
import type { People } from '../person.js';
import { endSession } from './end-session.js';
import { misbehave } from './misbehave.js';
import type { RecordStore } from './record-store.js';

const MINUTE = 60;
const HOUR = 60 * MINUTE;

/** Everything a running provider decides by. The library reads the groups' options and the keys only once, when it is created. */
export interface ProviderState {
  readonly issuer: string;
  readonly people: People;
  readonly keys: SigningKeys;
  readonly store: RecordStore;
  readonly cookieKey: string;
  readonly groups: GroupsOptions;
  readonly faults: Faults;
  /** Is told of each call to a relying party. */
  readonly onCall: (line: string) => void;
}

/** Path of the sign-in page of one attempt to sign in. */
export const SIGN_IN_PATH = '/sign-in/';

/** The library, set up with this state. Providers of the same state follow each other without ending a session. */
export function createProvider(state: ProviderState): Provider {
  const { issuer, people, keys, store } = state;
  const [groupsName] = groupsPath(state.groups.groupsClaim ?? 'groups');
  const cookie = `idp_${new URL(issuer).port}`;
  const configuration: Configuration = {
    adapter: (kind) => store.adapter(kind),
    jwks: { keys: keys.list() },
    // Browsers share the cookies of all ports of an address: the names keep two providers apart.
    cookies: {
      names: { session: `${cookie}_session`, interaction: `${cookie}_sign_in`, resume: `${cookie}_resume` },
      keys: [state.cookieKey],
    },
    claims: {
      openid: ['sub', groupsName],
      profile: ['name', 'preferred_username'],
      email: ['email', 'email_verified'],
      groups: [groupsName],
    },
    // Claims belong into the ID token too, as with the providers that this one stands for.
    conformIdTokenClaims: false,
    scopes: ['openid'],
    responseTypes: ['code'],
    clientAuthMethods: ['client_secret_basic', 'client_secret_post'],
    clientDefaults: { response_types: ['code'], grant_types: ['authorization_code'] },
    pkce: { required: () => true },
    ttl: {
      AccessToken: HOUR,
      AuthorizationCode: MINUTE,
      IdToken: 10 * MINUTE,
      Interaction: 10 * MINUTE,
      Session: 8 * HOUR,
      Grant: 8 * HOUR,
    },
    features: {
      devInteractions: { enabled: false },
      dPoP: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      resourceIndicators: { enabled: false },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: signOut,
        postLogoutSuccessSource: (ctx) => show(ctx, page('Signed out', '<p>You are signed out.</p>')),
      },
    },
    interactions: { url: (_ctx, { uid }) => `${SIGN_IN_PATH}${uid}` },
    findAccount: (_ctx, subject) => {
      const person = people.find(subject);
      if (person === undefined) return undefined;
      const claims = (use: string) => claimsOf(person, use, state.groups, state.faults, issuer);
      return { accountId: subject, claims };
    },
    loadExistingGrant: grantAll,
    clientBasedCORS: () => false,
    fetch: (input, init) => callRelyingParty(input, init, state.onCall),
    renderError: (ctx, { error, error_description: description = '' }) =>
      show(
        ctx,
        page('This did not work', `<p>${escapeHtml(error)}</p>\n<p>${escapeHtml(String(description))}</p>`),
      ),
  };
  const provider = new Provider(issuer, configuration);
  provider.use(misbehave(state));
  return provider;
}

/** Nobody is asked for consent: every relying party is known, and gets what it asks for. */
async function grantAll(ctx: KoaContextWithOIDC): Promise<Grant | undefined> {
  const { client, provider, session, requestParamOIDCScopes } = ctx.oidc;
  if (client === undefined || session?.accountId === undefined) return undefined;
  const known = session.grantIdFor(client.clientId);
  const grant =
    (known === undefined ? undefined : await provider.Grant.find(known)) ??
    new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  grant.addOIDCScope([...requestParamOIDCScopes].join(' '));
  await grant.save();
  return grant;
}

/** Signs out at once when the relying party proves by an ID token whom it means; otherwise the person is asked. */
async function signOut(ctx: KoaContextWithOIDC, form: string): Promise<void> {
  const { session, provider, entities, params } = ctx.oidc;
  const hint = entities['IdTokenHint'] as { payload: { sub?: string } } | undefined;
  if (session === undefined || hint?.payload.sub !== session.accountId) {
    const buttons =
      '<button type="submit" form="op.logoutForm" name="logout" value="yes">Sign out</button>\n' +
      '<button type="submit" form="op.logoutForm">Stay signed in</button>';
    return show(ctx, page('Do you want to sign out?', `${form}\n${buttons}`));
  }
  // A relying party that can't be reached does not keep the person from signing out; the log of requests shows it.
  await endSession(provider, session);
  ctx.cookies.set(provider.cookieName('session'), null, { httpOnly: true, sameSite: 'lax' });
  const target = new URL(
    String(params?.['post_logout_redirect_uri'] ?? ctx.oidc.urlFor('end_session_success')),
  );
  if (typeof params?.['state'] === 'string') target.searchParams.set('state', params['state']);
  ctx.status = 303;
  ctx.redirect(target.href);
}

/** The library's own dispatcher refuses addresses of this machine, where relying parties are in tests. */
async function callRelyingParty(
  input: string | URL | Request,
  init: (RequestInit & { dispatcher?: unknown }) | undefined,
  onCall: (line: string) => void,
): Promise<Response> {
  const { dispatcher: _, ...options } = init ?? {};
  const call = `-> ${options.method ?? 'GET'} ${input instanceof Request ? input.url : input}`;
  try {
    const response = await fetch(input, options);
    onCall(`${call} ${response.status}`);
    return response;
  } catch (error) {
    onCall(`${call} failed`);
    throw error;
  }
}

function show(ctx: KoaContextWithOIDC, html: string): void {
  ctx.set(PAGE_HEADERS);
  ctx.body = html;
}
