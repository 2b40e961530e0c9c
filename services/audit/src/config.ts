import { defineSettings } from '@causeway/platform';

/** The audit service has no settings of its own. */
export const settings = defineSettings({});
