import { z } from 'zod';
import { MOST_OVERLAP_S } from '../../keys/key-rotation.js';
import { Id } from '../id.js';
import { route } from '../route.js';
import { ApiKeyRead } from '../shapes.js';

export const rotateKeyRoute = route('POST', '/api/platform/v1/keys/{keyId}/successor', {
  summary:
    'Makes the successor of an API key, with the same holder, team, name, permissions and expiry; its secret is only in this answer. The former key ends after `overlapS` seconds (a day unless given), and what was made with it belongs to the successor. A key may do this for itself and for the keys made with it; other keys of its holder need key:write, those of service accounts member:write in their team.',
  permission: { inPlace: 'any' },
  params: z.object({ keyId: Id }),
  body: z.strictObject({ overlapS: z.number().int().min(0).max(MOST_OVERLAP_S).optional() }),
  status: 201,
  reply: ApiKeyRead.extend({ former_until: z.string() }),
});
