import { Tenant, request } from '@causeway/contracts';
import { z } from 'zod';

export const measured = request('req.bench.text.say.v1', {
  input: Tenant.extend({ runId: z.uuid(), text: z.string() }),
  reply: z.object({ text: z.string() }),
});
