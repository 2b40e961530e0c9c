/** Compiling this file is the test: each line that is marked as an error must be one, and no other line. */
import { type InputOf } from '@causeway/contracts';
import { Bus, Doorbells, Handles, type MessageContext } from '#platform';
import { keepNotes, noteText, noted, sayText } from './echo/contracts.js';

export class Handlers {
  @Handles(sayText)
  async fits({ text }: InputOf<typeof sayText>, { deliveries }: MessageContext) {
    return { text, pid: deliveries, requestId: null };
  }

  @Handles(noteText)
  async doorbellFits(input: InputOf<typeof noteText>): Promise<void> {
    void input.teamId;
  }

  @Handles(keepNotes)
  batchFits({ items }: InputOf<typeof keepNotes>) {
    return { confirmed: items.map(({ id }) => id) };
  }

  // @ts-expect-error the payload has no number `text`
  @Handles(sayText)
  async wrongPayload(input: { text: number }) {
    return { text: String(input.text), pid: 1, requestId: null };
  }

  // @ts-expect-error the reply lacks `pid`
  @Handles(sayText)
  async wrongReply({ text }: InputOf<typeof sayText>) {
    return { text, requestId: null };
  }

  // @ts-expect-error a request needs a reply
  @Handles(sayText)
  async noReply(_input: InputOf<typeof sayText>) {}

  // @ts-expect-error a doorbell has no reply
  @Handles(noteText)
  async doorbellReply({ text }: InputOf<typeof noteText>) {
    return { text };
  }

  // @ts-expect-error a broadcast is subscribed to, not handled
  @Handles(noted)
  broadcast(_input: { text: string }) {}
}

export async function calls(bus: Bus, doorbells: Doorbells): Promise<string> {
  const { text } = await bus.request(sayText, { text: 'a default may be left out' });
  // @ts-expect-error an input must fit
  void bus.request(sayText, { text: 1 });
  // @ts-expect-error a doorbell is rung, not requested
  void bus.request(noteText, { text });
  // @ts-expect-error only doorbells have an intake
  doorbells.of(sayText).pause();
  return text;
}
