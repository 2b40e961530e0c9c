import { type ServiceSettings, defineSettings } from '@causeway/platform';
import { z } from 'zod';

/** What the registry can be told by its environment. */
export const settings = defineSettings({
  maxFlowBytes: {
    schema: z.coerce.number().int().min(1_000).max(45_000_000).default(20_000_000),
    description:
      'Largest flow file, ZIP of flows, or graph of a flow, in bytes. A ZIP may unpack to five times as much. In base64 it fits into a message between services.',
  },
  orphanDays: {
    schema: z.coerce.number().int().min(1).max(36_500).default(90),
    description:
      'How long an object is kept that no file names, in days. Longer than CAUSEWAY_RUN_DAYS in an installation that was upgraded: runs of earlier versions have stored such objects.',
  },
});

export type Settings = ServiceSettings<typeof settings>;
