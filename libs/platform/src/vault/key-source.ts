/** Kinds of places that hold sealed values. */
export const SealedKind = {
  /** What belongs to one run: its input, its large payloads, the frames that are kept of it. */
  run: 'run',
  variable: 'variable',
  /** The value of a variable, or the key of a file, on its way from the gateway to the registry, which seals it again for its row. */
  given: 'given',
  flow: 'flow',
  flowVersion: 'flow-version',
  /** The plan of a version by one compiler. */
  plan: 'plan',
  /** A plan in the cache of an executor. */
  cachedPlan: 'cached-plan',
  /** An imported file. */
  source: 'source',
  /** The key of an uploaded file. */
  file: 'file',
  /** The secret for the signatures of a webhook. */
  webhook: 'webhook',
  /** The secret of a client at an identity provider. */
  connection: 'connection',
  /** What a browser keeps while somebody signs in. */
  ticket: 'ticket',
  /** The ID token of a session. */
  session: 'session',
  /** The secret of an authenticator. */
  authenticator: 'authenticator',
  /** A key that signs ID tokens. */
  signingKey: 'signing-key',
  /** What somebody typed or brought to sign in, on its way from the gateway to auth, and what they are shown once, on its way back. */
  typed: 'typed',
} as const;
export type SealedKind = (typeof SealedKind)[keyof typeof SealedKind];

/** The one place where a sealed value opens. */
export interface SealedPlace {
  readonly organisationId: string;
  readonly kind: SealedKind;
  /** Names the row among those of its kind. */
  readonly id: string;
  /** Names the value, when its row has several. */
  readonly part?: string;
}

/** The key of one row, derived from a data key of its organisation. */
export interface RowKey {
  readonly dataKeyId: string;
  /** 32 bytes. */
  readonly key: Buffer;
}

/** Where a process gets the keys of rows from. It is an abstract class, not an interface, so that it is injectable. */
export abstract class KeySource {
  /**
   * The key of a row, by the given data key or the organisation's current one.
   *
   * @throws CausewayError SEALED_UNREADABLE when the organisation has no such data key; UNAVAILABLE, TIMED_OUT when it must be asked for and cannot be
   */
  abstract rowKey(
    place: Pick<SealedPlace, 'organisationId' | 'kind' | 'id'>,
    dataKeyId?: string,
  ): Promise<RowKey>;

  /** Opens a text that was sealed before there were data keys. @throws CausewayError SEALED_UNREADABLE, UNAVAILABLE, TIMED_OUT */
  abstract openOld(organisationId: string, sealed: string): Promise<string>;

  /** The key of a file that was sealed before there were data keys. @throws CausewayError as `openOld` */
  abstract oldFileKey(organisationId: string, masterKeyId: string, salt: Buffer): Promise<Buffer>;
}
