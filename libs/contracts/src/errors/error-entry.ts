/** `never`: the same request fails again. `later`: it may succeed unchanged. */
export type RetryClass = 'never' | 'later';

/** What an error code fixes. `{name}` in a message is filled from the error's details. */
export interface ErrorEntry {
  readonly status: number;
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly retry: RetryClass;
  readonly message: string;
}
