import { AsyncLocalStorage } from 'node:async_hooks';
import type { OutgoingCall } from './find-secret.js';
import type { ModelKey, RunSecrets } from './run-secrets.js';

/** The run and node for which a model is called. */
export interface ModelCaller {
  readonly secrets: RunSecrets;
  /** The node's display name. */
  readonly node: string;
  readonly key: ModelKey | undefined;
  /** Receives the secrets that were sent: the answer may repeat them. */
  readonly sent: Set<{ readonly value: string }>;
}

// Clients are shared between runs, and pass no information about the caller to their transport.
const callers = new AsyncLocalStorage<ModelCaller>();

/** Calls a model for a caller: what it sends is checked by `checkModelCall`. */
export function callFor<T>(caller: ModelCaller, call: () => Promise<T>): Promise<T> {
  return callers.run(caller, call);
}

/**
 * Checks a client's call for secrets.
 *
 * @throws CausewayError `SECRET_WITHHELD`, in the promise; Error for a call outside of `callFor`
 */
export function checkModelCall(call: OutgoingCall): Promise<void> | undefined {
  const caller = callers.getStore();
  if (caller === undefined) throw new Error('A model was called outside of `callFor`.');
  const question = { ...call, asksModel: true };
  for (const secret of caller.secrets.sentWith(question)) caller.sent.add(secret);
  return caller.secrets.check(caller.node, question, caller.key);
}
