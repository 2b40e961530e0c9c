import { readAuditKey, readPublicKey } from '@causeway/audit-chain';
import { type ServiceSettings, commaSeparated, defineSettings } from '@causeway/platform';
import { z } from 'zod';

/** The settings of the audit service. */
export const settings = defineSettings({
  auditMonths: {
    schema: z.coerce.number().int().min(3).max(1_200).default(24),
    description:
      'How many whole months of events are kept in addition to the current one. The database itself refuses to drop the last three months.',
  },
  auditSigningKey: {
    schema: z.string().transform((text, context) => read(() => readAuditKey(text), context)),
    description:
      'The private key that signs checkpoints and exports: Ed25519 as PEM, or its 32 bytes in base64, such as `npx causeway signing-key audit` makes.',
    secret: true,
  },
  auditPublicKeys: {
    schema: commaSeparated.transform((texts, context) =>
      texts.map((text) => read(() => readPublicKey(text), context)),
    ),
    description:
      'The public keys of signing keys that were replaced, 32 bytes in base64url each, separated by commas: checkpoints that they signed are still checked with them.',
  },
  auditCheckpointSeconds: {
    schema: z.coerce.number().min(0.1).max(60).default(60),
    description: 'How often a checkpoint is signed while there are new events, in seconds; at most a minute.',
  },
  auditStreamAllow: {
    schema: commaSeparated,
    description:
      'Receivers of audit events that may be used although they are not public, or not by https, separated by commas: `10.0.0.0/8`, `siem.internal:8088`, `127.0.0.1:9000`.',
  },
});

export type Settings = ServiceSettings<typeof settings>;

function read<T>(parse: () => T, context: z.RefinementCtx): T {
  try {
    return parse();
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message });
    return z.NEVER;
  }
}
