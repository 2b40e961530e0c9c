import type Provider from 'oidc-provider';

/** The part of the library's session that is used here. */
export interface EndableSession {
  readonly accountId?: string | undefined;
  readonly authorizations?: Record<string, { readonly sid?: string | undefined }> | undefined;
  destroy(): Promise<void>;
}

/** Calls a relying party with a logout token; the library's types don't list this method. */
interface Notified {
  readonly backchannelLogoutUri?: string | undefined;
  backchannelLogout(subject: string, sid: string | undefined): Promise<void>;
}

/**
 * Ends a session, and calls the back-channel logout address of each relying party that took part. Codes and tokens are no
 * longer accepted when their session is gone.
 *
 * @returns the failures of those calls; the session has ended all the same
 */
export async function endSession(provider: Provider, session: EndableSession): Promise<Error[]> {
  const { accountId = '', authorizations = {} } = session;
  await session.destroy();
  const calls = Object.entries(authorizations).map(async ([clientId, { sid }]) => {
    const client = (await provider.Client.find(clientId)) as Notified | undefined;
    if (client?.backchannelLogoutUri === undefined) return;
    await client.backchannelLogout(accountId, sid).catch((cause: unknown) => {
      throw new Error(`${clientId} did not accept the logout at ${client.backchannelLogoutUri}`, { cause });
    });
  });
  const outcomes = await Promise.allSettled(calls);
  return outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as Error] : []));
}
