import { Tenant, batch, command, live, request } from '@causeway/contracts';
import { z } from 'zod';

/** Returns a text; `mode` makes it fail in one of several ways. */
export const sayText = request('req.echo.text.say.v1', {
  input: z.object({
    text: z.string(),
    mode: z.enum(['say', 'refuse', 'crash', 'wait', 'select', 'big', 'die']).default('say'),
    waitMs: z.number().int().nonnegative().default(0),
  }),
  reply: z.object({ text: z.string(), pid: z.number().int(), requestId: z.string().nullable() }),
  timeoutMs: 30_000,
});

/** Stores a text in the table `note`; `mode` makes it fail in one of several ways. */
export const noteText = command('cmd.echo.text.note.v1', {
  input: Tenant.extend({
    text: z.string(),
    mode: z.enum(['note', 'later', 'never']).default('note'),
    waitMs: z.number().int().nonnegative().default(0),
  }),
  // Longer than a busy machine needs: a note that is delivered again meanwhile is stored twice.
  ackWaitMs: 10_000,
  maxDeliver: 3,
});

/** Its handler never ends. */
export const hangText = command('cmd.echo.text.hang.v1', {
  input: Tenant.extend({ text: z.string() }),
  ackWaitMs: 1_000,
  maxDeliver: 3,
});

/** Broadcasts every note when it is stored. */
export const noted = live('live.echo.text.noted.v1', { input: z.object({ text: z.string() }), keyed: true });

/** Consumer of the echo service's outbox. */
export const keepNotes = batch('req.keeper.note.keep.v1', z.object({ text: z.string() }), ['echo']);
