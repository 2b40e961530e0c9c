import type { SealedPlace } from '@causeway/platform';
import type { WireError } from '@causeway/contracts';

/** What a runner may ask its supervisor for: the key of one row, or what was sealed before there were data keys. */
export type KeyWish =
  | {
      readonly for: 'row';
      readonly row: Pick<SealedPlace, 'organisationId' | 'kind' | 'id'>;
      readonly dataKeyId?: string;
    }
  | { readonly for: 'old value'; readonly organisationId: string; readonly sealed: string }
  | {
      readonly for: 'old file';
      readonly organisationId: string;
      readonly masterKeyId: string;
      readonly salt: string;
    };

/** A runner's question to its supervisor. */
export interface KeyAsked {
  readonly type: 'key';
  /** Numbers the questions of a runner. */
  readonly n: number;
  readonly wish: KeyWish;
}

/** The answer: the key as base64 with its data key, or the opened value. */
export interface KeyAnswered {
  readonly type: 'key';
  readonly n: number;
  readonly answer: { readonly value: string; readonly dataKeyId?: string } | { readonly error: WireError };
}
