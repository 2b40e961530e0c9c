/** The state of one limit for a caller. */
export interface LimitState {
  readonly name: string;
  readonly limit: number;
  readonly left: number;
  readonly endsInS: number;
}

/** The `RateLimit-Policy` field: which limits there are. Source: draft-ietf-httpapi-ratelimit-headers-10. */
export function policyField(limits: readonly { name: string; limit: number }[], windowS: number): string {
  return limits.map(({ name, limit }) => `"${name}";q=${limit};w=${windowS}`).join(', ');
}

/** The `RateLimit` field: of the limits that a request counts for, the one that will be reached first. Source: as above. */
export function limitField({ name, left, endsInS }: LimitState): string {
  return `"${name}";r=${left};t=${endsInS}`;
}

/** The limit of which the smallest part is left. */
export function closest(states: readonly LimitState[]): LimitState | undefined {
  let found: LimitState | undefined;
  for (const state of states)
    if (!found || state.left / state.limit < found.left / found.limit) found = state;
  return found;
}
