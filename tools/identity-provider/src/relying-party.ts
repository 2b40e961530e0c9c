import type { AllClientMetadata } from 'oidc-provider';
import { z } from 'zod';

const url = z.url({ protocol: /^https?$/ });

const relyingPartySchema = z.strictObject({
  clientId: z.string().min(1),
  clientSecret: z.string().min(1),
  redirectUris: z.array(url).min(1).readonly(),
  postLogoutRedirectUris: z.array(url).readonly().optional(),
  backchannelLogoutUri: url.optional(),
});

/** A program that lets people sign in here. OpenID Connect also calls it a client. */
export interface RelyingParty {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Where people may be sent after signing in. The address of a request has to be one of these, character by character. */
  readonly redirectUris: readonly string[];
  /** Where people may be sent after signing out. */
  readonly postLogoutRedirectUris?: readonly string[] | undefined;
  /** Gets a logout token when a session ends. With it, ID tokens carry the `sid` of the session. */
  readonly backchannelLogoutUri?: string | undefined;
}

/** Checks relying parties and gives them by their id. @throws Error that names every mistake */
export function parseRelyingParties(clients: readonly RelyingParty[]): Map<string, RelyingParty> {
  const read = z.array(relyingPartySchema).max(1_000).safeParse(clients);
  if (!read.success) throw new Error(`These are not relying parties: ${z.prettifyError(read.error)}`);
  const byId = new Map(read.data.map((client) => [client.clientId, client]));
  if (byId.size < read.data.length) throw new Error('Two relying parties have the same id.');
  return byId;
}

/** What the library wants to know about a relying party. */
export function clientMetadata(client: RelyingParty, signingAlgorithm: 'RS256' | 'ES256'): AllClientMetadata {
  return {
    client_id: client.clientId,
    client_secret: client.clientSecret,
    redirect_uris: client.redirectUris,
    post_logout_redirect_uris: client.postLogoutRedirectUris ?? [],
    id_token_signed_response_alg: signingAlgorithm,
    ...(client.backchannelLogoutUri === undefined
      ? {}
      : {
          backchannel_logout_uri: client.backchannelLogoutUri,
          backchannel_logout_session_required: true,
        }),
  };
}
