import { type ServiceSettings, defineSettings, readMasterKeys } from '@causeway/platform';
import { z } from 'zod';

/** The settings of auth. */
export const settings = defineSettings({
  bootstrapApiKey: {
    schema: z
      .string()
      .regex(/^(?!c[cprst]-)[\w-]{20,200}$/, {
        error:
          'must have 20 to 200 letters, digits, underscores and dashes, and not begin with cs- or another prefix of tokens (cc-, cp-, cr-, ct-)',
      })
      .optional(),
    description:
      'API key with every permission, for the administrator that the first migration creates. A new value revokes the previous one; without a value nothing changes.',
    secret: true,
  },
  masterKey: {
    schema: z
      .string()
      .superRefine((text, context) => {
        try {
          readMasterKeys(text);
        } catch (error) {
          context.addIssue({ code: 'custom', message: (error as Error).message });
        }
      })
      .optional(),
    description:
      'Master keys that wrap the data keys of organisations: 32 bytes in base64 each, separated by commas. The first one wraps, the others still unwrap. Only auth has them.',
    secret: true,
  },
  masterKeyFile: {
    schema: z.string().min(1).optional(),
    description:
      'File with the master keys, one in a line, the newest first, in place of CAUSEWAY_MASTER_KEY. It is read again when it has changed.',
  },
  keyUsesFlushMs: {
    schema: z.coerce.number().int().min(100).max(60_000).default(3_000),
    description: 'How often counted uses of keys are written to the database, in milliseconds.',
  },
  sessionIdleMs: {
    schema: z.coerce.number().int().min(1_000).max(604_800_000).default(1_800_000),
    description: 'How long a session of a browser may be unused, in milliseconds; then it has ended.',
  },
  sessionMostMs: {
    schema: z.coerce.number().int().min(1_000).max(2_592_000_000).default(43_200_000),
    description: 'How long a session lasts at most, however much it is used, in milliseconds.',
  },
  endedSessionDays: {
    schema: z.coerce.number().int().min(1).max(36_500).default(30),
    description: 'How long it is kept that somebody was signed in, after the session has ended, in days.',
  },
  saml: {
    schema: z.enum(['off', 'on']).default('off'),
    description: 'Whether people can sign in by SAML (on or off), beside OpenID Connect.',
  },
  accessTokenS: {
    schema: z.coerce.number().int().min(10).max(86_400).default(600),
    description: 'How long an access token of a program is valid, in seconds.',
  },
  refreshTokenDays: {
    schema: z.coerce.number().int().min(1).max(365).default(30),
    description:
      'How long a program may act for a person after they have allowed it, without being allowed again, in days.',
  },
  endedTokenDays: {
    schema: z.coerce.number().int().min(1).max(36_500).default(7),
    description: 'How long an ended token is kept, and what a person had allowed a program, in days.',
  },
  endedKeyDays: {
    schema: z.coerce.number().int().min(1).max(36_500).default(90),
    description: 'How long an API key is kept after it was revoked or expired, in days.',
  },
});

export type Settings = ServiceSettings<typeof settings>;
