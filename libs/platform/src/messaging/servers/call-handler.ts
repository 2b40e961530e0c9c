import type { MessageHandler } from '@nestjs/microservices';
import { firstValueFrom, isObservable } from 'rxjs';
import type { MessageContext } from './message-context.js';

/** Calls a method through what Nest put around it; gives its value or throws its error, as it was thrown. */
export async function callHandler(
  handler: MessageHandler,
  input: unknown,
  context: MessageContext,
): Promise<unknown> {
  // Nest gives an observable for a value behind an interceptor, and for every error that passed a filter.
  const result: unknown = await handler(input, context);
  return isObservable(result) ? firstValueFrom(result, { defaultValue: undefined }) : result;
}
