import type { CommandContract, RequestContract } from '@causeway/contracts';
import type { z } from 'zod';
import type { MessageContext } from './message-context.js';

/** A contract that a method can handle. */
export type HandledContract = RequestContract | CommandContract;

/** What a handler of a contract returns: the reply of a request, nothing for a doorbell. */
export type HandlerResult<C extends HandledContract> = C extends RequestContract
  ? z.input<C['reply']> | Promise<z.input<C['reply']>>
  : void | Promise<void>;

/** A method that handles a contract. */
export type Handler<C extends HandledContract> = (
  input: z.output<C['input']>,
  message: MessageContext,
) => HandlerResult<C>;

/**
 * Binds a method of a Nest controller to a contract. A payload or reply that does not fit does not compile.
 * The input is parsed before the method sees it. For a doorbell: returning acknowledges it; an error of the class `later`
 * returns it to the queue, an error of the class `never` drops it.
 */
export function Handles<C extends HandledContract>(contract: C) {
  return <H extends Handler<C>>(
    target: object,
    method: string | symbol,
    descriptor: TypedPropertyDescriptor<H>,
  ): void => {
    const bound = descriptor.value as H;
    Reflect.defineMetadata('microservices:pattern', [contract.subject], bound);
    Reflect.defineMetadata('microservices:handler_type', 1, bound);
    Reflect.defineMetadata('microservices:pattern_extras', { contract }, bound);
    // Without parameter decorators Nest passes on the transport's arguments, payload and message, and runs no pipes.
    Reflect.defineMetadata('__routeArguments__', {}, target.constructor, method);
  };
}
