import { AsyncLocalStorage } from 'node:async_hooks';
import type { Principal } from '@causeway/contracts';

/** The end of the time for which a sender waits for its reply. */
export interface Deadline {
  /** The service that was asked, for the error. */
  readonly service: string;
  readonly timeoutMs: number;
  /** On the clock of `performance.now()`. */
  readonly atMs: number;
}

/** The request, run or message for which the current code works. Logs, messages and errors take their ids from here. */
export interface Context {
  readonly requestId?: string;
  readonly runId?: string;
  readonly organisationId?: string;
  readonly teamId?: string;
  /** The caller whose request it is, as the gateway identified it: messages are sent on its behalf. */
  readonly principal?: Principal | undefined;
  /** The acting principal, as `<kind>:<id>`. */
  readonly actor?: string;
  /** W3C trace context; its last two digits show whether this request is traced. */
  readonly traceparent?: string;
  /** Until when the sender of the current request waits for its reply. @default the sender does not wait */
  readonly deadline?: Deadline;
  /** Masks, in log lines, the secrets of this work and every text that looks like a key. @default only texts that look like a key */
  readonly mask?: (text: string) => string;
}

const storage = new AsyncLocalStorage<Context>();
const nothing: Context = Object.freeze({});

/** The context of the current code; empty when there is none. */
export function currentContext(): Context {
  return storage.getStore() ?? nothing;
}

/** Runs `fn` in the current context with the members of `context` added or replaced. */
export function withContext<T>(context: Context, fn: () => T): T {
  return storage.run({ ...storage.getStore(), ...context }, fn);
}

/** Runs `fn` in no context: work that serves several callers is nobody's request, whoever has started it. */
export function withoutContext<T>(fn: () => T): T {
  return storage.run(nothing, fn);
}

/** Adds members to the context of the current code and of everything it has started, for example once the caller is known. No effect outside a context. */
export function extendContext(context: Context): void {
  const store = storage.getStore();
  if (store) Object.assign(store, context);
}

/** Runs `fn` with exactly this context object, so that `extendContext` changes it for all code that has it. @internal */
export function enterContext<T>(context: Context, fn: () => T): T {
  return storage.run(context, fn);
}
