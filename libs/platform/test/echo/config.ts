import { defineSettings } from '#platform';
import { z } from 'zod';

export const settings = defineSettings({
  echoLimit: { schema: z.coerce.number().int().max(100).default(10), description: 'At most so many echoes.' },
  echoName: { schema: z.string(), description: 'Name of the echo.' },
});
