import { type ServiceSettings, defineSettings } from '#platform';
import { z } from 'zod';

export const settings = defineSettings({
  maxBookmarks: {
    schema: z.coerce.number().int().min(1).default(200),
    description: 'Bookmarks shown per user.',
  },
});
export type Settings = ServiceSettings<typeof settings>;
