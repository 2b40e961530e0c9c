import { z } from 'zod';
import { DataKeyState, Resealing, rotateMasterKey } from '../keys/data-keys.js';
import { route } from './route.js';

/** The keys that seal what is secret, under /api/platform/v1/secrets. No route shows a key. */

const organisation = { inPlace: 'organisation:write' } as const;

export const secretsRoute = route('GET', '/api/platform/v1/secrets', {
  summary:
    'Which data keys the organisation has, newest first, which master key wraps each, and what is still to be sealed with the current one. Needs organisation:write in the organisation.',
  permission: organisation,
  reply: z.object({
    dataKeys: z.array(DataKeyState),
    /** The master key that wraps new data keys. */
    masterKeyId: z.string(),
    resealing: z.array(Resealing),
  }),
});

export const rotateDataKeyRoute = route('POST', '/api/platform/v1/secrets/rotate-data', {
  summary:
    'Makes a new data key for the organisation; what others have sealed is sealed again in the background. Needs organisation:write in the organisation.',
  permission: organisation,
  status: 201,
  reply: DataKeyState,
});

export const rotateMasterKeyRoute = route('POST', '/api/platform/v1/secrets/rotate-master', {
  summary:
    'Wraps every data key with the newest master key of auth. Needs organisation:write in the organisation.',
  permission: organisation,
  reply: rotateMasterKey.reply,
});
