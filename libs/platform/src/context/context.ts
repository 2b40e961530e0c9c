import { AsyncLocalStorage } from 'node:async_hooks';

/** What the code that runs now works for. Logs, messages and errors take their ids from here. */
export interface Context {
  readonly requestId?: string;
  readonly runId?: string;
  readonly organisationId?: string;
  readonly teamId?: string;
  /** Who acts, as `<kind>:<id>`. */
  readonly actor?: string;
  /** W3C trace context; its last two digits say whether this request is traced. */
  readonly traceparent?: string;
  /** Masks in what is logged the secrets of the work, and whatever looks like a key. @default what looks like a key only */
  readonly mask?: (text: string) => string;
}

const storage = new AsyncLocalStorage<Context>();
const nothing: Context = Object.freeze({});

/** The context of the code that runs now; empty outside of any. */
export function currentContext(): Context {
  return storage.getStore() ?? nothing;
}

/** Runs `fn` in a context: the current one with `context` laid over it. */
export function withContext<T>(context: Context, fn: () => T): T {
  return storage.run({ ...storage.getStore(), ...context }, fn);
}

/** Adds to the context of the code that runs now and of what it has started, as once the caller is known. No effect outside a context. */
export function extendContext(context: Context): void {
  const store = storage.getStore();
  if (store) Object.assign(store, context);
}

/** Runs `fn` with exactly this context object, so that `extendContext` reaches everybody who holds it. @internal */
export function enterContext<T>(context: Context, fn: () => T): T {
  return storage.run(context, fn);
}
