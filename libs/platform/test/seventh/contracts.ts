import { Tenant, command, request } from '@causeway/contracts';
import { z } from 'zod';

/** A real service declares this in libs/contracts/src/bookmark.ts. */
export const listBookmarks = request('req.bookmark.bookmark.list.v1', {
  needs: ['flow:read'],
  input: Tenant.extend({ userId: z.string() }),
  reply: z.object({ items: z.array(z.object({ id: z.uuid(), flowId: z.uuid() })) }),
});
export const forgetFlow = command('cmd.bookmark.flow.forget.v1', {
  input: Tenant.extend({ flowId: z.uuid() }),
  ackWaitMs: 10_000,
  maxDeliver: 5,
});
