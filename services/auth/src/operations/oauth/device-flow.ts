import type { Configuration, KoaContextWithOIDC } from 'oidc-provider';
import { type DeviceAsking, currentAsking } from './asking.js';

/** Where people type the codes of programs that have no browser; the library serves it by a path of the same name. */
export const DEVICE_PAGE = '/device';
/** Proves to the library that a form is its own. The gateway has checked the form of the page before. */
export const FORM_SECRET = 'checked by the gateway';
/** How long a code is valid. */
export const DEVICE_CODE_S = 600;
/** A program leaves so many seconds between two questions. */
export const POLL_S = 5;

type DeviceFlow = NonNullable<NonNullable<Configuration['features']>['deviceFlow']>;

/** How the library is set up for programs without a browser. It writes no page: what it would show is noted, and the gateway shows it. */
export const deviceFlow: DeviceFlow = {
  enabled: true,
  // Letters without vowels: codes are no words, and none of them is taken for another one or for a digit.
  charset: 'base-20',
  mask: '****-****',
  deviceInfo: () => {
    const { address = null, userAgent = null } = currentAsking();
    return { address, userAgent: userAgent?.toWellFormed() ?? null };
  },
  userCodeConfirmSource: (ctx, _form, client, { address, userAgent }, userCode) => {
    const code = ctx.oidc.entities.DeviceCode;
    const scope = code?.params?.['scope'];
    note(ctx, {
      clientId: client.clientId,
      question: {
        client: client.clientName ?? client.clientId,
        userCode,
        address: textOf(address),
        userAgent: textOf(userAgent),
        askedAt: timeOf(code?.iat),
        expiresAt: timeOf(code?.exp),
        scopes: typeof scope === 'string' ? scope.split(' ') : [],
      },
    });
  },
  userCodeInputSource: (ctx, _form, out, error) =>
    note(ctx, { problem: out?.error_description ?? reasonOf(error) }),
  successSource: (ctx) => note(ctx, { isAllowedNow: true }),
};

function note(ctx: KoaContextWithOIDC, found: Partial<DeviceAsking>): void {
  const { device } = currentAsking();
  const { clientId } = ctx.oidc.entities.DeviceCode ?? {};
  if (device) Object.assign(device, clientId !== undefined && { clientId }, found);
  ctx.body = '';
}

/** Why it failed. The library says of a refusal only that there was one, and keeps the reason. */
function reasonOf(error: Error | undefined): string {
  const { error_description: told } = (error?.cause ?? {}) as { error_description?: string };
  return told ?? error?.message ?? '';
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function timeOf(seconds = 0): string {
  return new Date(seconds * 1_000).toISOString();
}
