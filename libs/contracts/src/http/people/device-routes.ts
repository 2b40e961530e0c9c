import { z } from 'zod';
import { UserCode } from '../../people/devices.js';
import { Consent } from '../../people/oauth.js';
import { Id } from '../id.js';
import { route } from '../route.js';

/** How programs without a browser ask to act for people. */

export const deviceAuthorizationRoute = route('POST', '/oauth/device_authorization', {
  summary:
    'A program that has no browser asks for a code, which a person types at /device. Then it asks at /oauth/token, not more often than each 5 seconds. Source: RFC 8628.',
  permission: 'public',
  bodyKind: 'raw',
  reply: z.record(z.string(), z.unknown()),
});

const page = { isPage: true, produces: 'text/html', permission: { inPlace: 'any' } } as const;

export const devicePageRoute = route('GET', '/device', {
  ...page,
  summary: 'Where a person types the code that a program shows, and reads which program it is.',
  query: z.object({ user_code: UserCode.optional() }),
});

export const decideDeviceRoute = route('POST', '/device', {
  ...page,
  summary: 'The answer of the person, and in which team the program may act for them.',
  bodyKind: 'form',
  body: z.object({
    csrf: z.string().max(200),
    user_code: UserCode,
    teamId: Id,
    decision: Consent,
  }),
});
