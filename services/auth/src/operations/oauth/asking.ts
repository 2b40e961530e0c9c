import { AsyncLocalStorage } from 'node:async_hooks';
import type { Consent, Principal } from '@causeway/contracts';
import type { z } from 'zod';
import type { errors } from 'oidc-provider';

/** The library's errors; the library itself is loaded only when somebody uses it. */
export type Errors = typeof errors;

/** What the library finds out about a code while a person reads or answers it. */
export interface DeviceAsking {
  /** Whether the answer counts: nobody has answered before. */
  isClaimed: boolean;
  clientId?: string;
  /** What the program asks for. */
  question?: {
    readonly client: string;
    readonly userCode: string;
    readonly address: string | null;
    readonly userAgent: string | null;
    readonly askedAt: string;
    readonly expiresAt: string;
    readonly scopes: readonly string[];
  };
  isAllowedNow?: boolean;
  problem?: string;
}

/** One request to the library, with what it cannot carry itself; and what the library found. */
export interface Asking {
  readonly path: string;
  readonly requestId: string;
  readonly address?: string | undefined;
  /** For what limits of addresses count. */
  readonly network?: string | undefined;
  readonly userAgent?: string | undefined;
  /** Who is signed in, where a program asks to act for them. */
  readonly principal?: Principal;
  readonly decision?: z.infer<typeof Consent> | undefined;
  /** When they signed in, in seconds. */
  readonly signedInAtS?: number;
  /** Set when everything about the request is right and the person has to be asked. */
  asks?: { readonly client: string; readonly redirectUri: string; readonly scopes: readonly string[] };
  /** Set when a person reads or answers what a program with a device code asks. */
  readonly device?: DeviceAsking;
  /** Set when the browser must not be sent back to the program. */
  problem?: string;
}

const store = new AsyncLocalStorage<Asking>();

/** Calls the library for a request. */
export function whileAsking<T>(asking: Asking, call: () => Promise<T>): Promise<T> {
  return store.run(asking, call);
}

/** The request for which the library has called. */
export function currentAsking(): Asking {
  const asking = store.getStore();
  if (!asking) throw new Error('the library called outside a request');
  return asking;
}
