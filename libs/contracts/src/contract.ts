import type { z } from 'zod';
import type { Permission } from './tenancy.js';

/**
 * How messages are declared. A subject reads `<kind>.<owner>.<noun>.<verb>.v<major>`:
 * `req` a request with a typed reply, `cmd` a doorbell that one worker takes, `live` a message that may be lost.
 * Each contract is declared once, in its owner's file; publisher, handler, docs and access list are derived from it.
 */
export type Subject<K extends string> = `${K}.${string}.${string}.${string}.v${number}`;

/**
 * The processes of the executor in which flows run. They have a login and a signing key of their own, with less than the executor's:
 * whoever takes one over can neither ask for data keys nor answer in the executor's place.
 */
export const EXECUTOR_RUNNER = 'executor-runner';

/** A request with a typed reply, over core NATS. */
export interface RequestContract<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType> {
  readonly kind: 'req';
  readonly subject: string;
  readonly input: I;
  readonly reply: O;
  /** Names of the services that may send it. */
  readonly from: readonly string[];
  /**
   * On whose behalf the gateway sends it: for the `caller` of a request, for `itself`, or for `either`. Other services act for themselves.
   */
  readonly gatewayActsFor: 'caller' | 'itself' | 'either';
  /** Of these permissions a caller must have one in its team. @default the handler decides, or a service acts for itself */
  readonly needs?: readonly Permission[];
  /**
   * Whether a caller who has these permissions only for single projects or flows may send it too. Then the handler limits itself to the
   * message's `reach`, or decides about the object by `authorize`. @default false
   */
  readonly perObject?: boolean;
  /** How long a caller waits, in milliseconds. @default 5000 */
  readonly timeoutMs: number;
}

/** A doorbell in JetStream's work queue: delivered at least once to one worker, and never the only copy of a fact. */
export interface CommandContract<I extends z.ZodType = z.ZodType> {
  readonly kind: 'cmd';
  readonly subject: string;
  readonly input: I;
  /** Names of the services that may ring it. */
  readonly from: readonly string[];
  /** The doorbell is delivered again if it is not acknowledged within this time, in milliseconds. */
  readonly ackWaitMs: number;
  /** After this many deliveries the message is dropped and logged: a row in Postgres rings again. */
  readonly maxDeliver: number;
  /** Who takes it. @default its owner */
  readonly by?: string;
}

/** A broadcast over core NATS that may be lost. With `keyed`, one more token (an id) follows the subject. */
export interface LiveContract<I extends z.ZodType = z.ZodType> {
  readonly kind: 'live';
  readonly subject: string;
  readonly input: I;
  /** Names of the services that may listen to it. */
  readonly to: readonly string[];
  readonly keyed: boolean;
  /** Who sends it. @default its owner */
  readonly by?: string;
}

export type Contract = RequestContract | CommandContract | LiveContract;

/** What a caller sends. */
export type InputOf<C extends Contract> = z.infer<C['input']>;
/** What a caller gets back. */
export type ReplyOf<C extends RequestContract> = z.infer<C['reply']>;

/** Declares a request. The gateway sends it unless other senders are named. */
export function request<I extends z.ZodType, O extends z.ZodType>(
  subject: Subject<'req'>,
  shape: {
    input: I;
    reply: O;
    from?: readonly string[];
    needs?: readonly Permission[];
    perObject?: boolean;
    gatewayActsFor?: RequestContract['gatewayActsFor'];
    timeoutMs?: number;
  },
): RequestContract<I, O> {
  return { kind: 'req', subject, from: ['gateway'], gatewayActsFor: 'caller', timeoutMs: 5000, ...shape };
}

/** Declares a doorbell. */
export function command<I extends z.ZodType>(
  subject: Subject<'cmd'>,
  shape: { input: I; from?: readonly string[]; ackWaitMs: number; maxDeliver: number; by?: string },
): CommandContract<I> {
  return { kind: 'cmd', subject, from: [], ...shape };
}

/** Declares a broadcast. */
export function live<I extends z.ZodType>(
  subject: Subject<'live'>,
  shape: { input: I; to?: readonly string[]; keyed?: boolean; by?: string },
): LiveContract<I> {
  return { kind: 'live', subject, to: [], keyed: false, ...shape };
}

/** Who receives a request, takes a doorbell or sends a broadcast: its owner, or those of its processes that do only that. */
export function holderOf(contract: Contract): string {
  return (contract.kind === 'req' ? undefined : contract.by) ?? ownerOf(contract);
}

/** The service that handles a contract: the second token of its subject. */
export function ownerOf(contract: Contract): string {
  return contract.subject.split('.')[1] as string;
}
