/** How a strategy of Passport ends. */
export type StrategyOutcome<T> =
  | { readonly kind: 'redirect'; readonly url: string }
  | { readonly kind: 'success'; readonly user: T }
  | { readonly kind: 'failure'; readonly problem: string };

/** What Passport calls on its strategies. */
interface Authenticating {
  // oxlint-disable-next-line no-explicit-any -- each strategy has its own type of request and options
  authenticate(request: any, options?: any): unknown;
}

/**
 * Runs a strategy of Passport as its middleware does: on an object of its own for each request, whose actions end it. There is no HTTP
 * server here, the gateway has the request; so the middleware itself is not used.
 *
 * @throws what the strategy reports as an error
 */
export function runStrategy<T>(
  strategy: Authenticating,
  request: object,
  options: object,
): Promise<StrategyOutcome<T>> {
  return new Promise((resolve, reject) => {
    const attempt = Object.assign(Object.create(strategy) as Authenticating, {
      redirect: (url: string) => resolve({ kind: 'redirect', url }),
      success: (user: T) => resolve({ kind: 'success', user }),
      fail: (challenge?: { message?: string } | string) =>
        resolve({
          kind: 'failure',
          problem:
            typeof challenge === 'string' ? challenge : (challenge?.message ?? 'it refused the sign-in'),
        }),
      pass: () => resolve({ kind: 'failure', problem: 'it did not decide' }),
      error: reject,
    });
    attempt.authenticate(request, options);
  });
}
