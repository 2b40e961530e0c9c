import { type ServiceSettings, defineSettings } from '@causeway/platform';
import { z } from 'zod';

/** The settings of the audit service. */
export const settings = defineSettings({
  auditMonths: {
    schema: z.coerce.number().int().min(3).max(1_200).default(24),
    description:
      'How many whole months of events are kept in addition to the current one. The database itself refuses to drop the last three months.',
  },
});

export type Settings = ServiceSettings<typeof settings>;
