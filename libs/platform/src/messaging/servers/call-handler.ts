import type { MessageHandler } from '@nestjs/microservices';
import { firstValueFrom, isObservable } from 'rxjs';
import type { MessageContext } from './message-context.js';

/** Calls a method with Nest's wrappers (guards, interceptors, filters); returns its value or throws its error unchanged. */
export async function callHandler(
  handler: MessageHandler,
  input: unknown,
  context: MessageContext,
): Promise<unknown> {
  // Nest returns an observable for a value from an interceptor, and for every error from a filter.
  const result: unknown = await handler(input, context);
  return isObservable(result) ? firstValueFrom(result, { defaultValue: undefined }) : result;
}
